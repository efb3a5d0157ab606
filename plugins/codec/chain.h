// SPDX-License-Identifier: LGPL-2.1-or-later
// The inside of an encoding bin: children in a row between its two ghost pads.
#pragma once

#include <string>
#include <vector>

#include <gst/gst.h>

namespace butaca::codec {

// Belongs to one bin, which outlives it. Only for state changes, and for the streaming thread while data
// flows.
class Chain {
public:
    // Adds both ghost pads to the bin, without targets yet.
    Chain(GstBin *bin, GstStaticPadTemplate &sink_template, GstStaticPadTemplate &src_template);

    // Adds one child to the end and links it; null when it is not installed (a message says so). Owned by the
    // bin.
    GstElement *append(const char *factory);
    // Adds a capsfilter; with empty text it lets everything through until its caps are set.
    GstElement *append_filter(const std::string &caps_text);
    // Opens the ghost pads to the first and the last child, of which there must be one. False when that
    // fails.
    bool open();
    // Removes all children; open() and append() may follow.
    void tear_down();

    GstElement *last() const { return children_.back(); }
    GstPad *sink_pad() const { return sink_; }

private:
    GstBin *bin_;
    GstPad *sink_, *src_; // owned by the bin
    std::vector<GstElement *> children_;
};

} // namespace butaca::codec
