// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/health.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "src/base/json.h"
#include "store/health.h"

namespace butaca::gateway {

namespace {

using Families = std::vector<prometheus::MetricFamily>;

void add(Families &families, const char *name, const char *help, prometheus::MetricType type, double value,
         std::vector<prometheus::ClientMetric::Label> labels = {})
{
    if (families.empty() || families.back().name != name) {
        families.emplace_back();
        families.back().name = name;
        families.back().help = help;
        families.back().type = type;
    }
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    if (type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    families.back().metric.push_back(std::move(metric));
}

void add_segments(Families &families, const playback::SegmentService::Counters &c)
{
    constexpr auto counter = prometheus::MetricType::Counter;
    constexpr auto gauge = prometheus::MetricType::Gauge;
    auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    const char *served = "butaca_segments_served_total";
    const char *served_help = "Segments by where they came from";
    add(families, served, served_help, counter, number(c.memory_hits), {{"from", "memory"}});
    add(families, served, served_help, counter, number(c.disk_hits), {{"from", "disk"}});
    add(families, served, served_help, counter, number(c.jobs), {{"from", "worker"}});
    add(families, served, served_help, counter, number(c.joined), {{"from", "joined"}});
    add(families, "butaca_segments_made_total", "Segments, and sheets of thumbnails, that workers made whole",
        counter, number(c.made));
    add(families, "butaca_jobs_retried_total", "Jobs given to a second worker", counter, number(c.retried));
    add(families, "butaca_jobs_failed_total", "Jobs given up", counter, number(c.failed));
    add(families, "butaca_jobs_cancelled_total", "Jobs that nobody waited for any more", counter,
        number(c.cancelled));
    add(families, "butaca_jobs_look_ahead_total", "Jobs begun before they were asked for", counter,
        number(c.look_ahead));
    add(families, "butaca_thumbnail_sheets_total", "Jobs begun that make a sheet of thumbnails", counter,
        number(c.sheets));
    add(families, "butaca_worker_deaths_total", "Workers that crashed or were killed", counter,
        number(c.worker_deaths));
    add(families, "butaca_cache_bytes", "Size of the segment cache", gauge, number(c.memory_bytes),
        {{"where", "memory"}});
    add(families, "butaca_cache_bytes", "Size of the segment cache", gauge, number(c.disk_bytes),
        {{"where", "disk"}});
    add(families, "butaca_workers", "Workers by state", gauge, c.busy, {{"state", "busy"}});
    add(families, "butaca_workers", "Workers by state", gauge, c.workers - c.busy, {{"state", "idle"}});
    add(families, "butaca_jobs_queued", "Jobs that wait for a worker", gauge, c.queued);
}

void add_rtsp(Families &families, const playback::rtsp::Server::Counters &c)
{
    constexpr auto counter = prometheus::MetricType::Counter;
    constexpr auto gauge = prometheus::MetricType::Gauge;
    add(families, "butaca_rtsp_connections", "Open connections of RTSP clients", gauge, c.connections);
    add(families, "butaca_rtsp_sessions", "RTSP sessions under way", gauge, c.sessions);
    add(families, "butaca_rtsp_connections_total", "Connections of RTSP clients by what became of them",
        counter, static_cast<double>(c.accepted), {{"what", "accepted"}});
    add(families, "butaca_rtsp_connections_total", "Connections of RTSP clients by what became of them",
        counter, static_cast<double>(c.refused), {{"what", "refused"}});
}

http::Response readiness(const Services &services, bool database)
{
    bool ready = database && services.presentations.ready() && services.database_ready;
    json::Writer writer;
    writer.begin_object().member("ready", ready).member("database", database && services.database_ready);
    writer.member("catalogue_stored", services.catalogue_stored && services.catalogue_stored());
    writer.member("workers", services.presentations.has_encoders()).key("origins").begin_array();
    for (const auto &origin : services.origins.health()) {
        writer.begin_object().member("kind", origin.origin.scheme).member("up", origin.up);
        writer.member("breaker", origin.breaker)
            .member("titles", static_cast<std::uint64_t>(origin.assets))
            .end_object();
    }
    writer.end_array().end_object();
    http::Response response = http::Response::json(ready ? 200 : 503, writer.take());
    response.headers.set("Cache-Control", "no-store");
    if (!ready)
        response.headers.set("Retry-After", "1");
    return response;
}

} // namespace

Result<http::Response> alive() { return http::Response::json(200, "{\"status\":\"ok\"}"); }

void report_readiness(Services &services, const std::shared_ptr<const http::Request> &,
                      const http::Responder &responder)
{
    auto queued = services.database.call<bool>(
        [](pg::Connection &connection) -> Result<bool> {
            auto answered = store::ping(connection);
            return answered ? Result<bool>(true) : fail(answered.error());
        },
        [&services, responder](const Result<bool> &answered) {
            responder.respond(readiness(services, answered.has_value()));
        });
    if (!queued)
        responder.respond(readiness(services, false));
}

Result<http::Response> metrics(Services &services)
{
    Families families;
    add_segments(families, services.segments.counters());
    if (services.rtsp_counters)
        add_rtsp(families, services.rtsp_counters());
    for (const auto &origin : services.origins.health())
        add(families, "butaca_origin_up", "Does this VS or AS answer?", prometheus::MetricType::Gauge,
            origin.up ? 1 : 0, {{"kind", origin.origin.scheme}, {"url", origin.origin.url}});
    std::string text = prometheus::TextSerializer().Serialize(families);
    return http::Response::text(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
}

} // namespace butaca::gateway
