// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline described as data: which elements, with which properties, linked how. Pure values, compared and
// printed in tests; `Run` makes one live.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <glib.h>

namespace butaca::pipelines {

struct Property {
    std::string name;
    std::string value; // as gst-launch-1.0 would take it
    enum class Kind { plain, secret, optional } kind = Kind::plain;
    // secret: set on the element but never printed. optional: set only on elements that have it.
};

struct Node {
    std::string factory;
    std::string name;
    std::vector<Property> properties;
    // For segmentmux alone: its `sample-times` and `decode-times`, which no text can carry; the launch line
    // leaves them out.
    std::vector<std::int64_t> sample_times{};
    std::vector<std::int64_t> decode_times{};
    // For videotranscode alone, and left out of the line as well: what to draw.
    std::string subtitle_script{};
    std::shared_ptr<GVariant> subtitle_pictures{};
};

struct Link {
    std::string from; // a node's name
    std::string pad;  // the source pad's name; empty: any. One that appears later is linked when it does.
    std::string to;
    std::string caps; // a filter; empty: none
};

struct Graph {
    std::vector<Node> nodes;
    std::vector<Link> links;

    // Adds a node and, with `after`, links it behind that node. Returns its name.
    std::string add(Node node, std::string_view after = {}, std::string_view caps = {});
};

// The same pipeline as one line that gst-launch-1.0 understands.
std::string to_launch_line(const Graph &graph);

} // namespace butaca::pipelines
