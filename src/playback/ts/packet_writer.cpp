// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/ts/packet_writer.h"

#include <algorithm>
#include <array>

namespace butaca::playback::ts {

namespace {

constexpr char sync_byte = 0x47;
constexpr unsigned pat_pid = 0;
constexpr unsigned pmt_pid = 0x1000;
constexpr unsigned video_pid = 0x100;
constexpr unsigned audio_pid = 0x101;
constexpr unsigned counters = 16;
constexpr std::size_t payload_bytes = packet_bytes - 4;
// Length, flags and PCR of the adaptation field that begins a unit.
constexpr std::size_t clock_bytes = 8;

void put(std::string &out, std::uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        out += static_cast<char>(value >> (8 * bytes) & 0xff);
}

// CRC of ISO/IEC 13818-1, annex A.
std::uint32_t crc32(std::string_view bytes)
{
    std::uint32_t crc = 0xffffffff;
    for (char c : bytes) {
        crc ^= std::uint32_t{static_cast<unsigned char>(c)} << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc & 0x80000000 ? 0x04c11db7U : 0U);
    }
    return crc;
}

// A section with a table's usual head and tail (2.4.4): `id` is that of the stream or the programme.
std::string section(unsigned table, unsigned id, std::string_view body)
{
    constexpr std::size_t around_bytes = 9; // from the id to the CRC, both included
    std::string out;
    put(out, table, 1);
    put(out, 0xb000 | (body.size() + around_bytes), 2);
    put(out, id, 2);
    put(out, 0xc1, 1); // version 0, in force
    put(out, 0, 2);    // section 0 of 0
    out += body;
    put(out, crc32(out), 4);
    return out;
}

void put_header(std::string &out, unsigned pid, bool begins, bool adapted, unsigned counter)
{
    out += sync_byte;
    put(out, (begins ? 0x4000U : 0U) | pid, 2);
    put(out, (adapted ? 0x30U : 0x10U) | counter % counters, 1);
}

// A time stamp of a PES header (2.4.3.7): 33 bits in three pieces, each with a marker.
void put_time(std::string &out, unsigned prefix, std::uint64_t time)
{
    put(out, prefix << 4 | (time >> 30 & 7) << 1 | 1, 1);
    put(out, (time >> 15 & 0x7fff) << 1 | 1, 2);
    put(out, (time & 0x7fff) << 1 | 1, 2);
}

} // namespace

PacketWriter::PacketWriter(const Programme &programme) : programme_(programme)
{
    constexpr unsigned programme_number = 1;
    const unsigned pid = programme_.video ? video_pid : audio_pid;
    std::string association;
    put(association, programme_number, 2);
    put(association, 0xe000 | pmt_pid, 2);
    write_section(pat_pid, section(0, 1, association));
    std::string map;
    put(map, 0xe000 | pid, 2);                   // where the clock is
    put(map, 0xf000, 2);                         // no descriptors
    put(map, programme_.video ? 0x1b : 0x0f, 1); // H.264, or AAC in ADTS
    put(map, 0xe000 | pid, 2);
    put(map, 0xf000, 2);
    write_section(pmt_pid, section(2, programme_number, map));
}

void PacketWriter::add(Unit unit)
{
    if (held_)
        write(*held_, false);
    held_ = std::move(unit);
}

void PacketWriter::finish()
{
    if (held_)
        write(*held_, true);
    held_.reset();
}

std::string PacketWriter::take()
{
    std::string ready = std::move(out_);
    out_.clear();
    return ready;
}

void PacketWriter::write_section(unsigned pid, std::string_view section)
{
    const std::size_t begin = out_.size();
    put_header(out_, pid, true, false, static_cast<unsigned>(programme_.segment % counters));
    out_ += '\0'; // the section begins here
    out_ += section;
    out_.append(begin + packet_bytes - out_.size(), '\xff');
}

std::string PacketWriter::pes(const Unit &unit) const
{
    constexpr std::size_t most_length = 0xffff;
    const bool both = unit.decode_time != unit.show_time;
    const unsigned times_bytes = both ? 10 : 5;
    const std::size_t length = 3 + times_bytes + unit.payload.size();
    std::string out;
    out.reserve(6 + length);
    put(out, 1, 3); // start code prefix
    put(out, programme_.video ? 0xe0 : 0xc0, 1);
    // Pictures may be longer than the field can say; 0 is allowed for them alone.
    put(out, programme_.video || length > most_length ? 0 : length, 2);
    put(out, 0x84, 1); // each unit is aligned to this packet's begin
    put(out, both ? 0xc0 : 0x80, 1);
    put(out, times_bytes, 1);
    put_time(out, both ? 3 : 2, unit.show_time);
    if (both)
        put_time(out, 1, unit.decode_time);
    out += unit.payload;
    return out;
}

void PacketWriter::write(const Unit &unit, bool last)
{
    const std::string bytes = pes(unit);
    const std::size_t rest = bytes.size() - std::min(bytes.size(), payload_bytes - clock_bytes);
    std::size_t packets = 1 + (rest + payload_bytes - 1) / payload_bytes;
    // Stretched over more packets than it needs, so that the counter of the next segment begins with 0. Even
    // the smallest unit has a byte for each: 14 of the PES header, 6 of a delimiter or 7 of ADTS.
    if (last)
        packets += (counters - (counter_ + packets) % counters) % counters;
    std::string_view left = bytes;
    for (const Unit *begins = &unit; packets > 0; packets--, begins = nullptr) {
        const std::size_t room = payload_bytes - (begins ? clock_bytes : 0);
        const std::size_t piece = std::min(room, left.size() - (packets - 1));
        write_packet(begins, left.substr(0, piece));
        left.remove_prefix(piece);
    }
}

void PacketWriter::write_packet(const Unit *begins, std::string_view piece)
{
    const std::size_t end = out_.size() + packet_bytes;
    const unsigned pid = programme_.video ? video_pid : audio_pid;
    const std::size_t adaptation_bytes = payload_bytes - piece.size();
    put_header(out_, pid, begins != nullptr, adaptation_bytes > 0, counter_++);
    if (adaptation_bytes > 0)
        put(out_, adaptation_bytes - 1, 1);
    if (begins) {
        put(out_, begins->random_access ? 0x50 : 0x10, 1);
        // 33 bits of 90 kHz, 6 that are reserved, 9 of 27 MHz (2.4.3.5).
        put(out_, (begins->clock & 0x1ffffffff) << 15 | 0x7e00, 6);
    } else if (adaptation_bytes > 1) {
        put(out_, 0, 1);
    }
    out_.append(end - piece.size() - out_.size(), '\xff');
    out_ += piece;
}

} // namespace butaca::playback::ts
