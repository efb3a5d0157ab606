// SPDX-License-Identifier: LGPL-2.1-or-later
// What the muxer's tests share: reading our own boxes back, running a pipeline on given frames, and asking
// ffprobe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/mux/box_writer.h"
#include "src/base/gst.h"

namespace butaca::test {

using mux::Bytes;

// One sample as a moof tells it.
struct ReadSample {
    std::uint64_t decode = 0;
    std::uint32_t duration = 0;
    std::uint32_t size_bytes = 0;
    std::int32_t offset = 0;
    std::uint32_t flags = 0;
};
// One moof.
struct ReadFragment {
    std::uint32_t sequence_number = 0;
    std::uint64_t tfdt = 0;
    std::vector<ReadSample> samples;
};

// The types of the top boxes, in order ("styp moof mdat").
std::string top_boxes(std::span<const std::uint8_t> bytes);
// The content of the first box found by going down this path ("moov/trak/mdia"); empty when it is not there.
Bytes find_box(std::span<const std::uint8_t> bytes, std::string_view path);
// All moof boxes. `trex_flags` is what samples without flags of their own fall back to.
std::vector<ReadFragment> fragments(std::span<const std::uint8_t> bytes, std::uint32_t trex_flags);

// What came out of a pipeline that ended in `appsink name=out`.
struct Outcome {
    std::vector<Owned<GstBuffer>> buffers;
    std::string error; // the first error message; empty when it ended well
    Bytes all() const; // the bytes of all buffers
};
// Runs a launch line to its end. When it has `appsrc name=in`, pushes these buffers into it; when it has
// `segmentmux name=mux`, gives that these sample times.
Outcome run(const std::string &line, const std::vector<Owned<GstBuffer>> &input = {},
            const std::vector<std::int64_t> &sample_times = {});

// 64-bit little-endian numbers, as the property `sample-times` wants them.
Owned<GBytes> packed(const std::vector<std::int64_t> &times);
Bytes bytes_of(GstBuffer *buffer);
// The path of a test film, when BUTACA_MEDIA has it.
std::optional<std::string> film(const std::string &name);
// A file in a private folder that lasts as long as the test program, with these bytes.
std::string temporary_file(const std::string &name, std::span<const std::uint8_t> bytes);
// The lines that ffprobe prints about a file; unset when there is no ffprobe.
std::optional<std::vector<std::string>> ffprobe(const std::string &path, const std::string &entries);

} // namespace butaca::test
