//! Doors for machines that look after the broker: readiness and metrics. No credential is asked for, and nothing about jobs is told but counts.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An answer that takes a moment.
type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Where the answers come from.
#[derive(Clone)]
pub struct Sources {
    /// Whether the broker can serve; otherwise why not.
    pub health: Arc<dyn Fn() -> Answer<Result<(), String>> + Send + Sync>,
    /// The metrics in the text form of OpenMetrics 1.0.
    pub metrics: Arc<dyn Fn() -> Answer<String> + Send + Sync>,
}

/// Adds `/healthz` and `/metrics`.
pub fn configure(sources: Sources) -> impl FnOnce(&mut web::ServiceConfig) {
    move |app| {
        app.app_data(web::Data::new(sources))
            .route("/healthz", web::get().to(health))
            .route("/metrics", web::get().to(metrics));
    }
}

async fn health(sources: web::Data<Sources>) -> HttpResponse {
    match (sources.health)().await {
        Ok(()) => HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok\n"),
        Err(why) => HttpResponse::ServiceUnavailable().content_type(ContentType::plaintext()).body(format!("{why}\n")),
    }
}

async fn metrics(sources: web::Data<Sources>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body((sources.metrics)().await)
}
