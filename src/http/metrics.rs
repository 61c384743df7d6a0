//! Numbers about this process for Prometheus. Not about one person or one recording: labels are route patterns and states,
//! of which there are few.

use std::time::Duration;

use actix_web::http::Method;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The numbers of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Bytes of uploads that became durable.
    pub bytes_received: IntCounter,
    /// Jobs in each state, as the database had it at the last scrape.
    pub jobs: IntGaugeVec,
    /// Uploads that are still arriving, likewise.
    pub uploads: IntGauge,
}

impl Metrics {
    /// Numbers that all stand at zero.
    ///
    /// # Errors
    /// A name that Prometheus would not take, or one used twice.
    pub fn new() -> Result<Metrics, prometheus::Error> {
        let requests = Opts::new("twotake_http_requests_total", "Requests answered, by route pattern and status.");
        let seconds = HistogramOpts::new("twotake_http_request_seconds", "Time to the head of the answer.")
            .buckets(vec![0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let jobs = Opts::new("twotake_jobs", "Jobs in the queue, by state.");
        let build = IntGaugeVec::new(Opts::new("twotake_build_info", "Always 1; says what runs."), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let metrics = Metrics {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["method", "route", "status"])?,
            seconds: HistogramVec::new(seconds, &["route"])?,
            bytes_received: IntCounter::new("twotake_upload_bytes_total", "Bytes of uploads that became durable.")?,
            jobs: IntGaugeVec::new(jobs, &["state"])?,
            uploads: IntGauge::new("twotake_uploads_in_progress", "Uploads that are still arriving.")?,
        };
        metrics.registry.register(Box::new(build))?;
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.bytes_received.clone()))?;
        metrics.registry.register(Box::new(metrics.jobs.clone()))?;
        metrics.registry.register(Box::new(metrics.uploads.clone()))?;
        Ok(metrics)
    }

    /// Counts an answer.
    pub fn answered(&self, method: &Method, route: &str, status: u16, spent: Duration) {
        // A client may send any word as a method; only the known ones become a label.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.seconds.with_label_values(&[route]).observe(spent.as_secs_f64());
    }

    /// Everything in Prometheus' text form.
    ///
    /// # Errors
    /// Never in practice: a value that cannot be written.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
