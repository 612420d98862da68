//! Drives a cluster with kube-rs as programs in the field do, one story a run:
//!
//!     KUBECONFIG=admin.conf kube-rs-stories <story> <namespace>
//!
//! A story ends with exit code 0, or says what went differently from what kube-rs' users rely on.

mod objects;
mod pods;

use anyhow::{Result, bail};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::Client;
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};
use std::{env, time::Duration};

/// What a story works with: a cluster, and a namespace of its own that goes when the story has ended.
pub struct World {
    pub client: Client,
    pub namespace: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [story, namespace] = args.as_slice() else {
        bail!("usage: kube-rs-stories <story> <namespace>");
    };
    let world = World {
        client: Client::try_default().await?,
        namespace: namespace.clone(),
    };
    let namespaces: Api<Namespace> = Api::all(world.client.clone());
    let metadata = ObjectMeta {
        name: Some(namespace.clone()),
        ..Default::default()
    };
    namespaces
        .create(
            &PostParams::default(),
            &Namespace {
                metadata,
                ..Default::default()
            },
        )
        .await?;
    // Pods are refused until the namespace has its service account.
    let accounts: Api<ServiceAccount> = Api::namespaced(world.client.clone(), namespace);
    eventually("the default service account", async || {
        Ok(accounts.get_opt("default").await?.is_some())
    })
    .await?;
    match story.as_str() {
        "patches" => objects::patches(&world).await?,
        "pages" => objects::pages(&world).await?,
        "errors" => objects::errors(&world).await?,
        "custom" => objects::custom(&world).await?,
        "watcher" => objects::watching(&world).await?,
        "streams" => pods::streams(&world).await?,
        _ => bail!("there is no story {story}"),
    }
    namespaces
        .delete(namespace, &DeleteParams::default())
        .await?;
    println!("ok");
    Ok(())
}

/// Asks until the answer is yes, for a minute.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    for _ in 0..1200 {
        if holds().await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("{what}: did not happen in time")
}
