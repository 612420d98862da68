use crate::{World, eventually};
use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, pin_mut};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::{WatchStreamExt, conditions, reflector, wait::await_condition, watcher};
use kube::{CustomResource, CustomResourceExt, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"a": "1"}}))
        .expect("a config map")
}

/// Merge and JSON patches, and server-side apply with a conflict that is then forced.
pub async fn patches(world: &World) -> Result<()> {
    let maps: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    maps.create(&PostParams::default(), &config_map("patched"))
        .await?;
    let merged = maps
        .patch(
            "patched",
            &PatchParams::default(),
            &Patch::Merge(json!({"data": {"b": "2"}})),
        )
        .await?;
    ensure!(
        merged.data.context("data")?.len() == 2,
        "the merge patch lost a key"
    );
    let apply = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": value}});
    maps.patch(
        "applied",
        &PatchParams::apply("one"),
        &Patch::Apply(apply("1")),
    )
    .await?;
    let conflict = maps
        .patch(
            "applied",
            &PatchParams::apply("two"),
            &Patch::Apply(apply("2")),
        )
        .await;
    match conflict {
        Err(kube::Error::Api(status)) => ensure!(
            status.code == 409 && status.message.contains("conflict with \"one\": .data.a"),
            "the conflict says {status:?}"
        ),
        other => anyhow::bail!("no conflict: {other:?}"),
    }
    let forced = maps
        .patch(
            "applied",
            &PatchParams::apply("two").force(),
            &Patch::Apply(apply("2")),
        )
        .await?;
    ensure!(
        forced
            .managed_fields()
            .iter()
            .filter_map(|each| each.manager.as_deref())
            .eq(["two"]),
        "owners: {:?}",
        forced.managed_fields()
    );
    Ok(())
}

/// A list in pages is the whole list.
pub async fn pages(world: &World) -> Result<()> {
    let maps: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    for number in 0..7 {
        maps.create(
            &PostParams::default(),
            &config_map(&format!("page-{number}")),
        )
        .await?;
    }
    let mut parameters = ListParams::default().limit(3);
    let mut names = Vec::new();
    loop {
        let page = maps.list(&parameters).await?;
        names.extend(
            page.items
                .iter()
                .map(ResourceExt::name_any)
                .filter(|name| name.starts_with("page-")),
        );
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => break,
        }
    }
    ensure!(names.len() == 7, "listed {names:?}");
    maps.delete_collection(&DeleteParams::default(), &ListParams::default())
        .await?;
    eventually("the collection is gone", async || {
        Ok(maps
            .list(&ListParams::default())
            .await?
            .items
            .iter()
            .all(|each| !each.name_any().starts_with("page-")))
    })
    .await
}

/// Errors are Status objects with upstream's reasons.
pub async fn errors(world: &World) -> Result<()> {
    let maps: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    ensure!(
        maps.get_opt("missing").await?.is_none(),
        "found what is not there"
    );
    maps.create(&PostParams::default(), &config_map("twice"))
        .await?;
    let Err(kube::Error::Api(twice)) = maps
        .create(&PostParams::default(), &config_map("twice"))
        .await
    else {
        anyhow::bail!("created twice");
    };
    ensure!(
        twice.code == 409 && twice.reason == "AlreadyExists",
        "{twice:?}"
    );
    let Err(kube::Error::Api(invalid)) = maps
        .create(&PostParams::default(), &config_map("Not A Name"))
        .await
    else {
        anyhow::bail!("created with a bad name");
    };
    ensure!(
        invalid.code == 422 && invalid.reason == "Invalid",
        "{invalid:?}"
    );
    Ok(())
}

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "interop.pilothouse.dev",
    version = "v1",
    kind = "Crate",
    namespaced,
    status = "CrateStatus"
)]
pub struct CrateSpec {
    pub contents: String,
    #[serde(default)]
    pub weight: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct CrateStatus {
    pub loaded: bool,
}

/// A derived definition is applied, waited for, used with its status, and deleted.
pub async fn custom(world: &World) -> Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(world.client.clone());
    let name = "crates.interop.pilothouse.dev";
    definitions
        .patch(
            name,
            &PatchParams::apply("kube-rs").force(),
            &Patch::Apply(Crate::crd()),
        )
        .await?;
    await_condition(definitions.clone(), name, conditions::is_crd_established()).await?;
    let crates: Api<Crate> = Api::namespaced(world.client.clone(), &world.namespace);
    let made = Crate::new(
        "first",
        CrateSpec {
            contents: "apples".into(),
            weight: None,
        },
    );
    crates.create(&PostParams::default(), &made).await?;
    let status = json!({"status": {"loaded": true}});
    let loaded = crates
        .patch_status("first", &PatchParams::default(), &Patch::Merge(status))
        .await?;
    ensure!(
        loaded.status.is_some_and(|status| status.loaded),
        "the status was lost"
    );
    let wrong = json!({"spec": {"weight": -1}});
    let refused = crates
        .patch("first", &PatchParams::default(), &Patch::Merge(wrong))
        .await;
    ensure!(
        matches!(&refused, Err(kube::Error::Api(status)) if status.code == 422),
        "a negative weight: {refused:?}"
    );
    let uid = definitions.get(name).await?.uid().context("uid")?;
    definitions.delete(name, &DeleteParams::default()).await?;
    await_condition(definitions, name, conditions::is_deleted(&uid)).await?;
    Ok(())
}

/// A reflector's store follows what happens, with a list and with a streaming list.
pub async fn watching(world: &World) -> Result<()> {
    let maps: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    for configuration in [
        watcher::Config::default(),
        watcher::Config::default().streaming_lists(),
    ] {
        let (reader, writer) = reflector::store();
        let stream = watcher(maps.clone(), configuration.fields("metadata.name=followed"))
            .default_backoff()
            .reflect(writer);
        let changes = async {
            maps.create(&PostParams::default(), &config_map("followed"))
                .await?;
            maps.patch(
                "followed",
                &PatchParams::default(),
                &Patch::Merge(json!({"data": {"a": "2"}})),
            )
            .await?;
            Ok::<_, anyhow::Error>(())
        };
        let seen = async {
            pin_mut!(stream);
            while stream.try_next().await?.is_some() {
                let value = reader
                    .state()
                    .first()
                    .and_then(|map| map.data.as_ref()?.get("a").cloned());
                if value.as_deref() == Some("2") {
                    return Ok(());
                }
            }
            anyhow::bail!("the watch ended")
        };
        let (changed, seen) = futures::join!(changes, seen);
        changed?;
        seen?;
        maps.delete("followed", &DeleteParams::default()).await?;
    }
    let events = watcher(maps, watcher::Config::default())
        .take(1)
        .collect::<Vec<_>>()
        .await;
    ensure!(
        matches!(events.as_slice(), [Ok(watcher::Event::Init)]),
        "a watcher begins with {events:?}"
    );
    Ok(())
}
