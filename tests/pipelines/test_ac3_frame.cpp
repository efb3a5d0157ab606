// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of AC-3 and E-AC-3 with checksums that are right, and what damage does to them.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "pipelines/ac3_frame.h"

using butaca::pipelines::is_damaged_ac3;

namespace {

using Bytes = std::vector<std::uint8_t>;

// A frame with this header behind the sync word, with its checksum in the last two bytes: found by trying, so
// that nothing here is computed as in what is tested.
Bytes frame(std::size_t size_bytes, Bytes header)
{
    Bytes out{0x0b, 0x77};
    out.insert(out.end(), header.begin(), header.end());
    for (std::uint8_t fill = 1; out.size() < size_bytes; fill = static_cast<std::uint8_t>(fill * 7 + 3))
        out.push_back(fill);
    for (unsigned crc = 0; crc < 0x10000; crc++) {
        out[size_bytes - 2] = static_cast<std::uint8_t>(crc >> 8U);
        out[size_bytes - 1] = static_cast<std::uint8_t>(crc);
        if (!is_damaged_ac3(out))
            return out;
    }
    return {};
}

// What ffmpeg 5.1 makes of 32 ms of silence at 32 kb/s.
constexpr std::string_view silence =
    "0b7796b900402f842903fe757cf9f3e7cf9f3e7cf9f3e7cf9f3e7cf9f3e7cf8cbfba90000036b5ad6b5ad6b5"
    "ad6b5a94000000dad6b5ad6b5ad6b5ad6a500000036b5ad6b5ad6b5ad6b5a94000000dad6b5ad6b5ad6b5ad6"
    "a500000036b5ad6b5ad6b5ad6b5a94000000dad6b5ad6b5ad6b5ad6a40000000000000000000b2b0";

Bytes bytes_of(std::string_view hex)
{
    Bytes out;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        out.push_back(static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    return out;
}

// 32 kb/s at 48 kHz: 64 words.
Bytes ac3() { return frame(128, {0, 0, 0x00, 0x40}); }
// 44.1 kHz, with the word more that every other frame has: 70 words.
Bytes ac3_44() { return frame(140, {0, 0, 0x41, 0x40}); }
// 40 words.
Bytes eac3() { return frame(80, {0x00, 39, 0x3f, 0x80}); }

} // namespace

TEST(Ac3Frame, IsWholeWhenItsChecksumIsRight)
{
    for (const Bytes &whole : {bytes_of(silence), ac3(), ac3_44(), eac3()}) {
        ASSERT_FALSE(whole.empty());
        EXPECT_FALSE(is_damaged_ac3(whole));
    }
    Bytes two = ac3();
    const Bytes second = eac3();
    two.insert(two.end(), second.begin(), second.end());
    EXPECT_FALSE(is_damaged_ac3(two));
}

TEST(Ac3Frame, IsDamagedByAnyOtherByteAndByMissingOnes)
{
    for (const Bytes &whole : {bytes_of(silence), ac3(), ac3_44(), eac3()}) {
        for (const std::size_t at : {std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
            Bytes other = whole;
            other[at] ^= 0x10;
            EXPECT_TRUE(is_damaged_ac3(other)) << at;
        }
        EXPECT_TRUE(is_damaged_ac3(Bytes(whole.begin(), whole.end() - 1)));
    }
    Bytes two = ac3();
    Bytes second = eac3();
    second.back() ^= 1;
    two.insert(two.end(), second.begin(), second.end());
    EXPECT_TRUE(is_damaged_ac3(two));
}

TEST(Ac3Frame, IsNotJudgedWhereItIsNone)
{
    EXPECT_FALSE(is_damaged_ac3({}));
    EXPECT_FALSE(is_damaged_ac3(Bytes{0x0b, 0x77, 0}));
    EXPECT_FALSE(is_damaged_ac3(Bytes{0x77, 0x0b, 0, 0, 0, 0x40, 1, 2, 3})) << "swapped";
    EXPECT_FALSE(is_damaged_ac3(Bytes{0x0b, 0x77, 0, 0, 0xc0, 0x40, 1, 2, 3})) << "of a reserved rate";
    Bytes padded = ac3();
    padded.resize(padded.size() + 5);
    EXPECT_FALSE(is_damaged_ac3(padded));
}
