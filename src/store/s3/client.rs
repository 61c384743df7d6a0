//! The connection to the server: credentials, time limits, retries.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Region, RequestChecksumCalculation, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::address::Address;
use crate::config::Config;

/// A client for the address: with the settings' keys, else with what the environment offers.
pub async fn make(config: &Config, address: &Address) -> Client {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let builder = match (&config.s3_access_key, &config.s3_secret_key) {
        (Some(access), Some(secret)) => {
            let region = address.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
            Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(region))
                .credentials_provider(Credentials::new(access, secret, None, None, "settings"))
        }
        _ => from_environment(http.clone(), address.region.clone()).await,
    };
    let builder = builder
        .http_client(http)
        .force_path_style(address.path_style)
        // Every request carries its SHA-256; a second sum as a trailer is what older servers stumble over.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(4).with_max_backoff(Duration::from_secs(5)))
        .timeout_config(timeouts());
    let builder = match &address.endpoint {
        Some(endpoint) => builder.endpoint_url(endpoint),
        None => builder,
    };
    Client::from_conf(builder.build())
}

async fn from_environment(http: SharedHttpClient, region: Option<String>) -> Builder {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    let loader = match region {
        Some(region) => loader.region(Region::new(region)),
        None => loader,
    };
    Builder::from(&loader.load().await)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .operation_attempt_timeout(Duration::from_secs(60))
        .operation_timeout(Duration::from_secs(150))
        .build()
}
