use crate::World;
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, AttachParams, LogParams, PostParams};
use kube::runtime::{conditions, wait::await_condition};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Logs, a command with input and output, its failure, and a forwarded port.
pub async fn streams(world: &World) -> Result<()> {
    let pods: Api<Pod> = Api::namespaced(world.client.clone(), &world.namespace);
    let pod = json!({"metadata": {"name": "talker"}, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}});
    pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
        .await?;
    await_condition(pods.clone(), "talker", conditions::is_pod_running()).await?;
    ensure!(
        !pods.logs("talker", &LogParams::default()).await?.is_empty(),
        "an empty log"
    );

    let parameters = AttachParams::default().stdin(true).stderr(false);
    let mut command = pods
        .exec("talker", ["sh", "-c", "read line; echo $line"], &parameters)
        .await?;
    command
        .stdin()
        .context("stdin")?
        .write_all(b"said and heard\n")
        .await?;
    let mut said = String::new();
    command
        .stdout()
        .context("stdout")?
        .read_to_string(&mut said)
        .await?;
    ensure!(said == "said and heard\n", "exec said {said:?}");

    let mut failing = pods
        .exec("talker", ["sh", "-c", "exit 3"], &AttachParams::default())
        .await?;
    let status = failing
        .take_status()
        .context("a status")?
        .await
        .context("no status")?;
    ensure!(
        status.reason.as_deref() == Some("NonZeroExitCode"),
        "the status is {status:?}"
    );

    let mut forwarded = pods.portforward("talker", &[80]).await?;
    let mut port = forwarded.take_stream(80).context("the port")?;
    port.write_all(b"GET / HTTP/1.1\r\nHost: talker\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = vec![0; 15];
    port.read_exact(&mut answer).await?;
    ensure!(
        answer == b"HTTP/1.1 200 OK",
        "the port answered {:?}",
        String::from_utf8_lossy(&answer)
    );
    Ok(())
}
