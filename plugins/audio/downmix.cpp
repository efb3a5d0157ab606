// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/audio/downmix.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace butaca::audio {

namespace {

constexpr float minus_3_db = 0.70710678F;

// What one input adds to left and right.
std::pair<float, float> left_and_right(GstAudioChannelPosition position)
{
    switch (position) {
    case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT_OF_CENTER:
    case GST_AUDIO_CHANNEL_POSITION_WIDE_LEFT:
        return {1, 0};
    case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT_OF_CENTER:
    case GST_AUDIO_CHANNEL_POSITION_WIDE_RIGHT:
        return {0, 1};
    case GST_AUDIO_CHANNEL_POSITION_REAR_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_SURROUND_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_FRONT_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_REAR_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_SIDE_LEFT:
        return {minus_3_db, 0};
    case GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_SIDE_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_SURROUND_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_FRONT_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_REAR_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_TOP_SIDE_RIGHT:
        return {0, minus_3_db};
    case GST_AUDIO_CHANNEL_POSITION_LFE1:
    case GST_AUDIO_CHANNEL_POSITION_LFE2:
        return {0, 0};
    case GST_AUDIO_CHANNEL_POSITION_REAR_CENTER:
        return {0.5F, 0.5F};
    default: // centre in all its names
        return {minus_3_db, minus_3_db};
    }
}

} // namespace

std::vector<std::vector<float>> downmix_matrix(std::span<const GstAudioChannelPosition> in, int out)
{
    if (in.size() <= 2 || (out != 1 && out != 2))
        return {};
    if (std::any_of(in.begin(), in.end(), [](GstAudioChannelPosition p) { return p < 0; }))
        return {};
    std::vector<std::vector<float>> matrix(static_cast<std::size_t>(out));
    for (const GstAudioChannelPosition position : in) {
        const auto [left, right] = left_and_right(position);
        if (out == 1) {
            matrix[0].push_back(left + right);
        } else {
            matrix[0].push_back(left);
            matrix[1].push_back(right);
        }
    }
    float loudest = 1;
    for (const std::vector<float> &row : matrix)
        loudest = std::max(loudest, std::accumulate(row.begin(), row.end(), 0.0F));
    for (std::vector<float> &row : matrix)
        for (float &gain : row)
            gain /= loudest;
    return matrix;
}

std::uint64_t mask_with_rear_for_side(std::span<const GstAudioChannelPosition> in, int out)
{
    std::uint64_t mask = 0;
    if (static_cast<int>(in.size()) != out ||
        !gst_audio_channel_positions_to_mask(in.data(), out, FALSE, &mask))
        return 0;
    return mask == 0x60f ? 0x3f : mask == 0x607 ? 0x37 : 0;
}

std::vector<std::vector<float>> identity_matrix(int channels)
{
    const auto n = static_cast<std::size_t>(channels);
    std::vector<std::vector<float>> matrix(n, std::vector<float>(n, 0));
    for (std::size_t i = 0; i < n; i++)
        matrix[i][i] = 1;
    return matrix;
}

} // namespace butaca::audio
