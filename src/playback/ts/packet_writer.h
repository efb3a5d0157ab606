// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes an MPEG-2 transport stream of one elementary stream (ISO/IEC 13818-1, 2.4.3), one segment of it at a
// time. Pure: the packets of segment k depend on nothing but k and what is put into them, and yet the
// continuity counters go on from segment to segment without a gap, in whatever order the segments are made
// (`Programme` says how).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace butaca::playback::ts {

inline constexpr std::size_t packet_bytes = 188;

// What goes into the tables of each segment.
struct Programme {
    bool video = true;
    // Counts the tables: one PAT and one PMT in each segment, so segment k's have the counter k mod 16. The
    // elementary stream's packets are made a multiple of 16 in each segment (finish()), so that each segment
    // begins with 0.
    std::uint64_t segment = 0;
};

// One access unit, or a few of sound. Times in ticks of 90 kHz, of 33 bits.
struct Unit {
    std::uint64_t show_time = 0;
    std::uint64_t decode_time = 0;
    std::uint64_t clock = 0; // what a decoder's clock shows when this arrives: the PCR
    bool random_access = false;
    std::string payload;
};

class PacketWriter {
public:
    // Begins the segment with its PAT and PMT.
    explicit PacketWriter(const Programme &programme);

    // Adds a PES packet. The newest is held back until the next comes, for finish() may have to stretch it.
    // Sound of more than 65527 bytes has no PES packet: that is an error of the caller.
    void add(Unit unit);
    // Ends the segment; nothing may be added any more.
    void finish();
    // What is ready, and leaves the writer without it.
    std::string take();

private:
    void write(const Unit &unit, bool last);
    void write_section(unsigned pid, std::string_view section);
    void write_packet(const Unit *begins, std::string_view piece);
    std::string pes(const Unit &unit) const;

    Programme programme_;
    std::string out_;
    std::optional<Unit> held_;
    unsigned counter_ = 0; // of the elementary stream's packets
};

} // namespace butaca::playback::ts
