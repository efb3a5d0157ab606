// SPDX-License-Identifier: LGPL-2.1-or-later
// The same ownership for GStreamer's types, and a buffer mapped for as long as the C++ object lives.
#pragma once

#include <cstdint>
#include <span>

#include <gst/gst.h>

#include "src/base/gobject.h"

namespace butaca {

BUTACA_OWNS(GstBuffer, gst_buffer_unref);
BUTACA_OWNS(GstBufferList, gst_buffer_list_unref);
BUTACA_OWNS(GstCaps, gst_caps_unref);
BUTACA_OWNS(GstEvent, gst_event_unref);
BUTACA_OWNS(GstMessage, gst_message_unref);
BUTACA_OWNS(GstQuery, gst_query_unref);
BUTACA_OWNS(GstSample, gst_sample_unref);
BUTACA_OWNS(GstStructure, gst_structure_free);
BUTACA_OWNS(GstTagList, gst_tag_list_unref);
BUTACA_OWNS(GstToc, gst_toc_unref);
BUTACA_OWNS(GstUri, gst_uri_unref);

// A buffer's bytes, readable (or writable) while this object lives. Check with `if (!map)` before use.
class MappedBuffer {
public:
    explicit MappedBuffer(GstBuffer *buffer, GstMapFlags flags = GST_MAP_READ) noexcept
        : buffer_(buffer), mapped_(buffer && gst_buffer_map(buffer, &info_, flags))
    {
    }
    ~MappedBuffer()
    {
        if (mapped_)
            gst_buffer_unmap(buffer_, &info_);
    }
    MappedBuffer(const MappedBuffer &) = delete;
    MappedBuffer &operator=(const MappedBuffer &) = delete;

    explicit operator bool() const noexcept { return mapped_; }
    std::span<const std::uint8_t> bytes() const noexcept { return {info_.data, info_.size}; }
    std::span<std::uint8_t> writable() noexcept { return {info_.data, info_.size}; }

private:
    GstBuffer *buffer_;
    GstMapInfo info_ = GST_MAP_INFO_INIT;
    bool mapped_;
};

} // namespace butaca
