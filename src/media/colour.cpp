// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/colour.h"

#include <algorithm>
#include <array>

#include "src/base/encoding.h"

namespace butaca::media {

namespace {

struct Named {
    std::string_view name;
    ColourNumbers numbers;
};

constexpr std::array<Named, 8> names = {{{"bt601", {6, 6, 6, false}},
                                         {"bt709", {1, 1, 1, false}},
                                         {"smpte240m", {7, 7, 7, false}},
                                         {"sRGB", {1, 13, 0, true}},
                                         {"bt2020", {9, 15, 9, false}},
                                         {"bt2020-10", {9, 14, 9, false}},
                                         {"bt2100-pq", {9, 16, 9, false}},
                                         {"bt2100-hlg", {9, 18, 9, false}}}};

// By the positions of GstVideoColorMatrix, GstVideoTransferFunction and GstVideoColorPrimaries.
constexpr std::array<std::uint8_t, 7> matrices = {2, 0, 4, 1, 6, 7, 9};
constexpr std::array<std::uint8_t, 17> transfers = {2, 8, 2, 2, 4, 1, 7, 13, 5, 9, 10, 15, 2, 14, 16, 18, 6};
constexpr std::array<std::uint8_t, 13> primaries = {2, 1, 4, 5, 6, 7, 8, 9, 2, 10, 11, 12, 22};

constexpr std::uint8_t pq = 16;
constexpr std::uint8_t hlg = 18;

template <std::size_t N> std::uint8_t at(const std::array<std::uint8_t, N> &table, unsigned position)
{
    return position < N ? table[position] : 2;
}

} // namespace

std::optional<ColourNumbers> colour_numbers(std::string_view colorimetry)
{
    const auto *named =
        std::find_if(names.begin(), names.end(), [&](const Named &one) { return one.name == colorimetry; });
    if (named != names.end())
        return named->numbers;
    std::array<unsigned, 4> fields{};
    for (std::size_t i = 0; i < fields.size(); i++) {
        const auto colon = colorimetry.find(':');
        const auto number = to_integer<unsigned>(colorimetry.substr(0, colon));
        if (!number || (colon == std::string_view::npos) != (i + 1 == fields.size()))
            return std::nullopt;
        fields[i] = *number;
        colorimetry.remove_prefix(colon == std::string_view::npos ? colorimetry.size() : colon + 1);
    }
    return ColourNumbers{at(primaries, fields[3]), at(transfers, fields[2]), at(matrices, fields[1]),
                         fields[0] == 1};
}

std::string video_range(std::string_view colorimetry)
{
    const auto numbers = colour_numbers(colorimetry);
    if (numbers && numbers->transfer == pq)
        return "PQ";
    return numbers && numbers->transfer == hlg ? "HLG" : "SDR";
}

} // namespace butaca::media
