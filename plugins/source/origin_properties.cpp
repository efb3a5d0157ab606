// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/origin_properties.h"

namespace butaca::source {
namespace {

constexpr auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
constexpr auto when_ready =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
// Not readable: `gst-launch-1.0 -v` and pipeline graphs print every property that can be read.
constexpr auto secret =
    static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

std::string text_of(const GValue *value)
{
    const char *text = g_value_get_string(value);
    return text ? text : "";
}

void set_ticket(OriginState &state, std::string ticket)
{
    if (state.reader && is_ticket(ticket))
        state.reader->set_ticket(ticket);
    state.ticket = std::move(ticket);
}

GstStructure *stats_structure(const ReaderStats &stats)
{
    return gst_structure_new(
        "application/x-butaca-source-stats", "requests", G_TYPE_UINT64, guint64{stats.requests}, "retries",
        G_TYPE_UINT64, guint64{stats.retries}, "failovers", G_TYPE_UINT64, guint64{stats.failovers},
        "bytes-received", G_TYPE_UINT64, guint64{stats.bytes_received}, "bytes-read", G_TYPE_UINT64,
        guint64{stats.bytes_read}, "cache-hits", G_TYPE_UINT64, guint64{stats.cache_hits}, "cache-misses",
        G_TYPE_UINT64, guint64{stats.cache_misses}, "dropped", G_TYPE_UINT64, guint64{stats.dropped},
        nullptr);
}

void install_address_properties(GObjectClass *klass)
{
    g_object_class_install_property(
        klass, prop_location,
        g_param_spec_string(
            "location", "Location",
            "vs://host[:port]/items/<SHA-256 in hex>/bytes (as:// for assrc; ports 8081 and 8082 "
            "when left out); takes effect when going to PAUSED",
            nullptr, when_ready));
    g_object_class_install_property(
        klass, prop_ticket,
        g_param_spec_string(
            "ticket", "Ticket",
            "Sent as 'Authorization: Bearer', never logged; takes effect with the next request, "
            "so it can be renewed while playing",
            nullptr, secret));
    g_object_class_install_property(
        klass, prop_replicas,
        g_param_spec_string(
            "replicas", "Replicas",
            "Further host[:port] addresses of the same original, comma separated, tried in turn "
            "when the current one fails; takes effect when going to PAUSED",
            nullptr, when_ready));
}

void install_retry_properties(GObjectClass *klass, const ReaderOptions &defaults)
{
    g_object_class_install_property(
        klass, prop_read_timeout_ms,
        g_param_spec_uint(
            "read-timeout-ms", "Read timeout",
            "Milliseconds to wait for an answer, and for each next 16 KiB of it, before the attempt "
            "counts as failed; takes effect when going to PAUSED",
            1, 3600 * 1000, defaults.read_timeout_ms, when_ready));
    g_object_class_install_property(
        klass, prop_retries,
        g_param_spec_uint(
            "retries", "Retries",
            "Attempts to read one block over all replicas, the first included, before the element "
            "gives up; an attempt that brought 16 KiB starts the count anew; takes effect when "
            "going to PAUSED",
            1, 1000, defaults.attempts, when_ready));
    g_object_class_install_property(
        klass, prop_backoff_ms,
        g_param_spec_uint(
            "backoff-ms", "Backoff",
            "Milliseconds to wait once every replica failed; doubles with each round up to 5 s, half "
            "of it random; takes effect when going to PAUSED",
            0, 60 * 1000, defaults.backoff_ms, when_ready));
}

void install_size_properties(GObjectClass *klass, const ReaderOptions &defaults)
{
    g_object_class_install_property(
        klass, prop_block_size_bytes,
        g_param_spec_uint(
            "block-size-bytes", "Block size",
            "Bytes of a cached block, of the smallest request, and of a buffer in push mode; takes "
            "effect when going to PAUSED",
            1024, 16 * 1024 * 1024, static_cast<guint>(defaults.block_size_bytes), when_ready));
    g_object_class_install_property(
        klass, prop_cache_size_bytes,
        g_param_spec_uint64(
            "cache-size-bytes", "Cache size",
            "Bytes of blocks kept in memory, the least recently used go first; at least one block; "
            "takes effect when going to PAUSED",
            0, guint64{4} << 30, defaults.cache_size_bytes, when_ready));
    g_object_class_install_property(
        klass, prop_read_ahead_bytes,
        g_param_spec_uint(
            "read-ahead-bytes", "Read-ahead",
            "Most bytes of one request while access is sequential; requests grow from one block to "
            "this; takes effect when going to PAUSED",
            0, 256 * 1024 * 1024, static_cast<guint>(defaults.read_ahead_bytes), when_ready));
    g_object_class_install_property(
        klass, prop_stats,
        g_param_spec_boxed(
            "stats", "Statistics",
            "Since going to PAUSED: requests, retries, failovers (retries on another replica), "
            "bytes-received, bytes-read, cache-hits, cache-misses (blocks), dropped (answers given "
            "up before their end)",
            GST_TYPE_STRUCTURE, readable));
}

} // namespace

void install_origin_properties(GObjectClass *klass)
{
    const ReaderOptions defaults;
    install_address_properties(klass);
    install_retry_properties(klass, defaults);
    install_size_properties(klass, defaults);
}

bool set_origin_property(OriginState &state, guint id, const GValue *value)
{
    std::lock_guard lock(state.mutex);
    switch (id) {
    case prop_location:
        state.location = text_of(value);
        return true;
    case prop_ticket:
        set_ticket(state, text_of(value));
        return true;
    case prop_replicas:
        state.replicas = text_of(value);
        return true;
    case prop_read_timeout_ms:
        state.options.read_timeout_ms = g_value_get_uint(value);
        return true;
    case prop_retries:
        state.options.attempts = g_value_get_uint(value);
        return true;
    case prop_backoff_ms:
        state.options.backoff_ms = g_value_get_uint(value);
        return true;
    case prop_block_size_bytes:
        state.options.block_size_bytes = g_value_get_uint(value);
        return true;
    case prop_cache_size_bytes:
        state.options.cache_size_bytes = g_value_get_uint64(value);
        return true;
    case prop_read_ahead_bytes:
        state.options.read_ahead_bytes = g_value_get_uint(value);
        return true;
    default:
        return false;
    }
}

bool get_origin_property(OriginState &state, guint id, GValue *value)
{
    std::lock_guard lock(state.mutex);
    switch (id) {
    case prop_location:
        g_value_set_string(value, state.location.empty() ? nullptr : state.location.c_str());
        return true;
    case prop_replicas:
        g_value_set_string(value, state.replicas.empty() ? nullptr : state.replicas.c_str());
        return true;
    case prop_read_timeout_ms:
        g_value_set_uint(value, state.options.read_timeout_ms);
        return true;
    case prop_retries:
        g_value_set_uint(value, state.options.attempts);
        return true;
    case prop_backoff_ms:
        g_value_set_uint(value, state.options.backoff_ms);
        return true;
    case prop_block_size_bytes:
        g_value_set_uint(value, static_cast<guint>(state.options.block_size_bytes));
        return true;
    case prop_cache_size_bytes:
        g_value_set_uint64(value, state.options.cache_size_bytes);
        return true;
    case prop_read_ahead_bytes:
        g_value_set_uint(value, static_cast<guint>(state.options.read_ahead_bytes));
        return true;
    case prop_stats:
        g_value_take_boxed(value, stats_structure(state.reader ? state.reader->stats() : state.last_stats));
        return true;
    default:
        return false;
    }
}

} // namespace butaca::source
