// SPDX-License-Identifier: LGPL-2.1-or-later
// Decides where samples go: which segment, which chunk, at which decode time. It handles sizes and times
// only; the bytes of the samples stay with the caller, who gets the boxes to put in front of them. Pure: no
// GStreamer, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "plugins/mux/box_writer.h"
#include "plugins/mux/fragment.h"
#include "plugins/mux/grid.h"
#include "plugins/mux/track.h"
#include "src/base/result.h"

namespace butaca::mux {

// How a stream is cut and labelled.
struct SegmenterOptions {
    Codec codec = Codec::avc;
    std::uint32_t timescale = 0;
    std::uint32_t chunk_samples = 0;       // 0: a segment is one chunk
    std::uint32_t first_chunk_samples = 0; // 0: as the others
    std::uint32_t sequence_number = 1;     // of the first chunk
    bool write_styp = true;
    bool write_sidx = false;             // holds a segment's chunks back until its size is known
    std::uint32_t composition_shift = 0; // ticks added to every composition offset, below 2^30
    std::optional<std::int64_t>
        base_decode_time; // moves the first sample here; with a grid, must agree with it
};

// One encoded sample as it arrives, in decode order. Ticks; times that are not known are left out.
struct Arrival {
    std::optional<std::int64_t> start; // presentation
    std::optional<std::int64_t> end;
    std::uint32_t size_bytes = 0;
    bool sync = true;
    bool disposable = false;
};

// One CMAF chunk that is ready: `head` and then the bytes of the next `samples` samples in decode order.
struct Chunk {
    Bytes head; // styp and sidx where the segment begins, moof, the opening of mdat
    std::size_t samples = 0;
    std::uint32_t payload_bytes = 0;
    std::int64_t start = 0; // decode time, ticks
    std::int64_t end = 0;
    bool first = false; // of its segment
    bool last = false;  // of its segment, where that was known when it was cut
    bool starts_with_sync = false;
};

// Cuts one track into segments and chunks. Bound to one thread. After an error it must not be used further.
class Segmenter {
public:
    explicit Segmenter(const SegmenterOptions &options);

    // True where a new segment's grid may be given: before the first sample, and when a grid is complete.
    bool at_border() const;
    // Gives the times of the segment that begins with the next sample; chunks then leave as soon as they are
    // full. Only at_border(). Errors: invalid_argument when it overlaps what went before, or does not start
    // where it must.
    Status begin_grid(Grid grid);
    // Takes one sample. Without a grid pictures are held until the next sync sample shows that their segment
    // is complete. Errors: invalid_argument with the reason (lost, doubled or unordered samples, no sync
    // sample first), too_large for a segment above 1 GiB.
    Status add(const Arrival &arrival);
    // Ends the stream: what is held leaves. Errors: invalid_argument when samples of a grid never came.
    Status finish();
    // The next chunk that is ready, in order.
    std::optional<Chunk> take();

private:
    Status add_on_grid(const Arrival &arrival);
    Status add_picture(const Arrival &arrival);
    Status add_sound(const Arrival &arrival);
    Status close_pictures(std::optional<std::int64_t> next_sync);
    void accept(const Arrival &arrival, const SampleTime &time);
    void cut(bool complete);
    void cut_chunk(std::size_t count, bool last);
    void flush_segment();
    std::int64_t shift_for(std::int64_t first_tick);

    SegmenterOptions options_;
    std::uint32_t sequence_number_;
    std::optional<std::int64_t> shift_; // added to every tick; set by the first segment
    std::optional<Grid> grid_;
    std::vector<Arrival> held_;       // pictures whose segment is not complete, no grid
    std::optional<std::int64_t> end_; // of the last sample that has its time

    // The segment being cut: samples with their times, not yet in a chunk.
    std::vector<FragmentSample> timed_;
    std::int64_t timed_start_ = 0;
    bool segment_open_ = false;    // a chunk of it is cut
    bool starts_in_order_ = true;  // its first sample is also shown first
    std::uint64_t held_bytes_ = 0; // of samples that are not in a ready chunk
    std::vector<Chunk> withheld_;  // chunks that wait for the sidx
    std::deque<Chunk> ready_;
};

} // namespace butaca::mux
