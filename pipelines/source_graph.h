// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of a graph that all jobs share: the original's bytes, taken apart down to one elementary stream.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/graph.h"
#include "pipelines/job.h"

namespace butaca::pipelines {

// Adds the source element ("source") alone. Returns its name.
std::string add_source(Graph &graph, const Origin &origin);

// Adds source, demuxer and, when one is named, a parser. Returns the last one's name and sets `pad` to the
// pad to go on from (empty: any).
struct StreamEnd {
    std::string name;
    std::string pad;
};
StreamEnd add_stream(Graph &graph, const Origin &origin, const std::string &parser);

// Appends the sink that a maker pulls from, named "sink", which holds at most `max_buffers`; 0 is no limit.
void add_sink(Graph &graph, const StreamEnd &after, unsigned max_buffers, std::string_view caps = {});

// The source that a maker pushes into, named "feed", which holds at most `max_buffers`.
Node feed_node(unsigned max_buffers);

} // namespace butaca::pipelines
