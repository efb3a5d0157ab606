// SPDX-License-Identifier: LGPL-2.1-or-later
// What vssrc and assrc can be told and what they tell: their properties, and the state behind them.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <gst/gst.h>

#include "plugins/source/range_reader.h"

namespace butaca::source {

enum OriginProperty : guint {
    prop_location = 1,
    prop_ticket,
    prop_replicas,
    prop_read_timeout_ms,
    prop_retries,
    prop_backoff_ms,
    prop_block_size_bytes,
    prop_cache_size_bytes,
    prop_read_ahead_bytes,
    prop_stats,
};

// One element's.
struct OriginState {
    std::mutex mutex; // guards all that follows; never held while reading
    std::string location;
    std::string replicas;
    std::string ticket;
    ReaderOptions options;
    std::shared_ptr<RangeReader> reader; // while started; shared with the call that is reading
    ReaderStats last_stats;              // of the reader before
};

// Adds the properties, with their documentation, to an element's class.
void install_origin_properties(GObjectClass *klass);

// Sets or gets one; false when there is none with this id. Thread-safe.
bool set_origin_property(OriginState &state, guint id, const GValue *value);
bool get_origin_property(OriginState &state, guint id, GValue *value);

} // namespace butaca::source
