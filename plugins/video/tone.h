// SPDX-License-Identifier: LGPL-2.1-or-later
// The light of films made for better screens (HDR10, HLG, wide gamuts), shown on an ordinary one: SDR with
// BT.709 primaries. One fixed curve for a whole title, never one per picture. Pure functions and tables.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <gst/video/video.h>

namespace butaca::video {

// Codes are full-range RGB of this many bits: what PQ needs, and more than SDR does.
inline constexpr unsigned tone_bits = 12;
inline constexpr unsigned tone_codes = 1U << tone_bits;
// What graphics white is in HDR, and the white of SDR that it becomes (ITU-R BT.2408, 2.1).
inline constexpr double reference_white_nits = 203;
// The brightest that a film holds when nothing tells.
inline constexpr double usual_peak_nits = 1000;

// Whether pictures of these colours would look wrong where BT.709 or BT.601 is assumed.
bool is_wide(const GstVideoColorimetry &colours);

// The brightest light of a PQ film in nits, from content-light-level or mastering-display-info in its caps;
// usual_peak_nits where neither says anything sensible.
double peak_nits_of(const GstCaps *caps);

// The curve of ITU-R BT.2390 (5.4.1, EETF): light in nits of a film that goes up to `peak_nits`, as shown on
// a screen that goes up to `white_nits`.
double eetf_nits(double nits, double peak_nits, double white_nits);

// SMPTE ST 2084: light in nits of a signal from 0 to 1, and back.
double pq_nits(double signal);
double pq_signal(double nits);

class ToneMap {
public:
    ToneMap(const GstVideoColorimetry &colours, double peak_nits);
    // One row of codes in place, each below tone_codes (others count as the highest). In: RGB of the colours
    // given to the constructor. Out: RGB with BT.709 primaries for a BT.1886 screen. Hue and, as far as the
    // screen goes, luminance follow the curve; what BT.709 cannot hold becomes paler, not another hue.
    void apply(std::uint16_t *red, std::uint16_t *green, std::uint16_t *blue, unsigned width) const;

private:
    void set_light(const GstVideoColorimetry &colours);
    void set_gain(const GstVideoColorimetry &colours, double peak_nits);
    // Some pixels at once.
    static constexpr unsigned strip_width = 64;
    struct Strip {
        std::array<std::array<std::int32_t, strip_width>, 3> code;
        std::array<std::array<float, strip_width>, 3> light;
        std::array<float, strip_width> factor, grey;
    };
    void map(Strip &strip) const;

    std::vector<float> light_;          // of a code; 1 is SDR white (of HLG: the scene's highest)
    std::vector<float> gain_;           // by luminance
    std::vector<std::int32_t> encoded_; // the code of a light
    std::array<float, 3> luminance_{};  // weights of the source's primaries
    std::array<std::array<float, 3>, 3> to_709_{};
};

} // namespace butaca::video
