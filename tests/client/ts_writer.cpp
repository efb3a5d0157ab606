// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/client/ts_writer.h"

#include <algorithm>

#include "tests/client/mp4_writer.h"

namespace butaca::test {

namespace {

constexpr std::uint16_t pat_pid = 0;
constexpr std::uint16_t pmt_pid = 0x1000;
constexpr std::uint16_t stream_pid = 0x100;

std::string section(unsigned table, const std::string &payload)
{
    const std::string body = payload + std::string(4, '\0'); // the reader does not look at the checksum
    return std::string(1, '\0') + big_endian(table, 1) + big_endian(0xb000U | body.size(), 2) + body;
}

std::string clock(unsigned mark, std::uint64_t time)
{
    return big_endian((std::uint64_t{mark} << 36U) | (time >> 30U & 7U) << 33U | 1ULL << 32U |
                          (time >> 15U & 0x7fffU) << 17U | 1U << 16U | (time & 0x7fffU) << 1U | 1U,
                      5);
}

} // namespace

std::string TsWriter::packet(std::uint16_t pid, bool start, std::string_view &payload, bool key,
                             std::size_t piece_bytes)
{
    unsigned &counter = counters_[pid == pat_pid ? 0 : pid == pmt_pid ? 1 : 2];
    constexpr std::size_t room = 184;
    const std::size_t least = key ? 1 : 0; // bytes of the adaptation field after its length
    const std::size_t most = std::min(payload.size(), piece_bytes);
    std::string adaptation;
    if (key || most < room) {
        const std::size_t size = most + 1 + least < room ? room - 1 - most : least;
        adaptation = big_endian(size, 1);
        if (size > 0)
            adaptation += big_endian(key ? 0x40 : 0, 1) + std::string(size - 1, '\xff');
    }
    const std::size_t taken = std::min(most, room - adaptation.size());
    std::string out = "\x47" + big_endian((start ? 0x4000U : 0U) | pid, 2) +
                      big_endian((adaptation.empty() ? 0x10U : 0x30U) | counter, 1) + adaptation +
                      std::string(payload.substr(0, taken));
    payload.remove_prefix(taken);
    counter = (counter + 1) & 15U;
    return out;
}

std::string TsWriter::tables(unsigned programs)
{
    std::string list;
    for (unsigned i = 1; i <= programs; i++)
        list += big_endian(i, 2) + big_endian(0xe000U | pmt_pid, 2);
    const std::string pat = section(0, std::string("\0\1\xc1\0\0", 5) + list);
    const std::string pmt = section(2, std::string("\0\1\xc1\0\0", 5) + big_endian(0xe000U | stream_pid, 2) +
                                           big_endian(0xf000, 2) + big_endian(stream_type_, 1) +
                                           big_endian(0xe000U | stream_pid, 2) + big_endian(0xf000, 2));
    std::string_view first = pat;
    std::string_view second = pmt;
    const std::string one = packet(pat_pid, true, first, false);
    return one + packet(pmt_pid, true, second, false);
}

std::string TsWriter::picture(std::uint64_t pts, const std::string &bytes, bool key, std::size_t piece_bytes)
{
    const std::string whole = std::string("\0\0\1\xe0\0\0\x80\x80\5", 9) + clock(2, pts) + bytes;
    std::string_view rest = whole;
    std::string out = packet(stream_pid, true, rest, key, piece_bytes);
    while (!rest.empty())
        out += packet(stream_pid, false, rest, false, piece_bytes);
    return out;
}

std::string byte_stream_picture(bool idr, std::size_t size_bytes)
{
    const std::string start("\0\0\0\1", 4);
    std::string out = start + "\x09\xf0";
    if (idr)
        out += start + std::string("\x67\x64\x00\x1f\xac", 5) + start + "\x68\xee";
    out += start + (idr ? "\x65" : "\x41");
    return out + std::string(size_bytes > out.size() ? size_bytes - out.size() : 0, 'x');
}

std::string packed_aac(std::uint64_t time_90k, unsigned frames, std::size_t frame_bytes, bool with_time)
{
    std::string out;
    if (with_time) {
        const std::string owner =
            std::string("com.apple.streaming.transportStreamTimestamp") + '\0' + big_endian(time_90k, 8);
        const std::string frame = "PRIV" + big_endian(owner.size(), 4) + std::string(2, '\0') + owner;
        out = std::string("ID3\4\0\0\0\0", 8) + big_endian(0, 1) + big_endian(frame.size(), 1) + frame;
    }
    for (unsigned i = 0; i < frames; i++)
        out += big_endian(0xfff1, 2) + big_endian(1U << 6U | 3U << 2U, 1) +
               big_endian(2ULL << 30U | static_cast<std::uint64_t>(frame_bytes) << 13U | 0x1ffcU, 4) +
               std::string(frame_bytes - 7, 'x');
    return out;
}

} // namespace butaca::test
