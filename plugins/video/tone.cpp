// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/tone.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define BUTACA_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define BUTACA_WIDE
#endif

namespace butaca::video {

namespace {

constexpr double pq_most_nits = 10'000;
constexpr double hlg_most_nits = 1000; // of the screen that HLG's system gamma of 1.2 belongs to (BT.2100)
constexpr double hlg_system_gamma = 1.2;
constexpr double screen_gamma = 2.4; // BT.1886

// Tables of a light are looked up by the upper bits of the float itself: as many steps in each octave, which
// is how eyes see, and no root to take. Below 2^-20 (of SDR white) all is black.
constexpr int lowest_octave = -20;
constexpr unsigned float_mantissa_bits = 23;

// Of a light that is not negative.
template <unsigned steps_log2> inline std::int32_t place_of(float light, std::int32_t &rest)
{
    constexpr unsigned shift = float_mantissa_bits - steps_log2;
    constexpr auto first = static_cast<std::int32_t>(127 + lowest_octave) << steps_log2;
    const auto bits = std::bit_cast<std::int32_t>(light);
    rest = bits & ((1 << shift) - 1);
    return std::max((bits >> shift) - first, 0);
}

// The light at which a place begins.
template <unsigned steps_log2> double light_at(std::size_t place)
{
    return std::ldexp(1 + static_cast<double>(place % (1U << steps_log2)) / (1U << steps_log2),
                      lowest_octave + static_cast<int>(place >> steps_log2));
}

constexpr unsigned gain_steps_log2 = 5;   // and a straight line between them
constexpr unsigned gain_octaves = 20 + 6; // up to 64 times SDR white
constexpr unsigned encoded_steps_log2 = 9;
constexpr unsigned encoded_octaves = 20;

using Matrix = std::array<std::array<double, 3>, 3>;

double determinant(const Matrix &m)
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

Matrix inverse(const Matrix &m)
{
    const double scale = 1 / determinant(m);
    Matrix result{};
    for (std::size_t i = 0; i < 3; i++)
        for (std::size_t j = 0; j < 3; j++) {
            const std::size_t a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            result[i][j] = (m[a][c] * m[b][d] - m[a][d] * m[b][c]) * scale;
        }
    return result;
}

Matrix product(const Matrix &a, const Matrix &b)
{
    Matrix result{};
    for (std::size_t i = 0; i < 3; i++)
        for (std::size_t j = 0; j < 3; j++)
            for (std::size_t k = 0; k < 3; k++)
                result[i][j] += a[i][k] * b[k][j];
    return result;
}

// Linear RGB to XYZ. Whites are taken for D65: a film's white is to be the screen's, whatever it is called.
Matrix rgb_to_xyz(GstVideoColorPrimaries primaries)
{
    const GstVideoColorPrimariesInfo &info = *gst_video_color_primaries_get_info(primaries);
    const std::array<double, 3> x = {info.Rx, info.Gx, info.Bx}, y = {info.Ry, info.Gy, info.By};
    Matrix columns{};
    for (std::size_t i = 0; i < 3; i++) {
        columns[0][i] = x[i] / y[i];
        columns[1][i] = 1;
        columns[2][i] = (1 - x[i] - y[i]) / y[i];
    }
    constexpr double white_x = 0.3127, white_y = 0.3290;
    const std::array<double, 3> white = {white_x / white_y, 1, (1 - white_x - white_y) / white_y};
    const Matrix back = inverse(columns);
    for (std::size_t i = 0; i < 3; i++) {
        const double amount = back[i][0] * white[0] + back[i][1] * white[1] + back[i][2] * white[2];
        for (auto &row : columns)
            row[i] *= amount;
    }
    return columns;
}

bool is_hdr(GstVideoTransferFunction transfer)
{
    return transfer == GST_VIDEO_TRANSFER_SMPTE2084 || transfer == GST_VIDEO_TRANSFER_ARIB_STD_B67;
}

bool are_wide(GstVideoColorPrimaries primaries)
{
    return primaries == GST_VIDEO_COLOR_PRIMARIES_BT2020 || primaries == GST_VIDEO_COLOR_PRIMARIES_ADOBERGB ||
           primaries == GST_VIDEO_COLOR_PRIMARIES_SMPTERP431 ||
           primaries == GST_VIDEO_COLOR_PRIMARIES_SMPTEEG432;
}

// HDR, or the matrix of BT.2020, without a word about primaries means those of BT.2020.
GstVideoColorPrimaries primaries_of(const GstVideoColorimetry &colours)
{
    if (are_wide(colours.primaries))
        return colours.primaries;
    const bool told = colours.primaries == GST_VIDEO_COLOR_PRIMARIES_BT709 ||
                      colours.primaries == GST_VIDEO_COLOR_PRIMARIES_BT470BG ||
                      colours.primaries == GST_VIDEO_COLOR_PRIMARIES_SMPTE170M ||
                      colours.primaries == GST_VIDEO_COLOR_PRIMARIES_SMPTE240M;
    return told ? colours.primaries : GST_VIDEO_COLOR_PRIMARIES_BT2020;
}

// Scene light from 0 to 1 (ITU-R BT.2100, table 5).
double hlg_light(double signal)
{
    constexpr double a = 0.17883277, b = 1 - 4 * a;
    const double c = 0.5 - a * std::log(4 * a);
    return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - c) / a) + b) / 12;
}

double sensible(double nits) { return nits >= 100 && nits <= pq_most_nits ? nits : 0; }

} // namespace

bool is_wide(const GstVideoColorimetry &colours)
{
    return is_hdr(colours.transfer) || are_wide(colours.primaries) ||
           colours.matrix == GST_VIDEO_COLOR_MATRIX_BT2020;
}

double peak_nits_of(const GstCaps *caps)
{
    GstVideoContentLightLevel light;
    gst_video_content_light_level_init(&light);
    if (gst_video_content_light_level_from_caps(&light, caps))
        if (const double nits = sensible(light.max_content_light_level); nits > 0)
            return nits;
    GstVideoMasteringDisplayInfo display;
    gst_video_mastering_display_info_init(&display);
    if (gst_video_mastering_display_info_from_caps(&display, caps))
        if (const double nits = sensible(display.max_display_mastering_luminance / 10'000.0); nits > 0)
            return nits;
    return usual_peak_nits;
}

double pq_nits(double signal)
{
    constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                     c3 = 2392.0 / 128;
    const double root = std::pow(std::clamp(signal, 0.0, 1.0), 1 / m2);
    return pq_most_nits * std::pow(std::max(root - c1, 0.0) / (c2 - c3 * root), 1 / m1);
}

double pq_signal(double nits)
{
    constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                     c3 = 2392.0 / 128;
    const double power = std::pow(std::clamp(nits / pq_most_nits, 0.0, 1.0), m1);
    return std::pow((c1 + c2 * power) / (1 + c3 * power), m2);
}

double eetf_nits(double nits, double peak_nits, double white_nits)
{
    if (peak_nits <= white_nits)
        return std::min(nits, white_nits);
    const double whole = pq_signal(peak_nits);
    const double signal = std::min(1.0, pq_signal(nits) / whole);
    const double most = pq_signal(white_nits) / whole;
    const double knee = std::max(0.0, 1.5 * most - 0.5);
    if (signal < knee)
        return nits;
    const double t = (signal - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
    const double bent =
        (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (3 * t2 - 2 * t3) * most;
    return std::min(white_nits, pq_nits(bent * whole));
}

ToneMap::ToneMap(const GstVideoColorimetry &colours, double peak_nits)
{
    set_light(colours);
    set_gain(colours, peak_nits);
    encoded_.resize((encoded_octaves << encoded_steps_log2) + 1, tone_codes - 1);
    for (std::size_t i = 0; i + 1 < encoded_.size(); i++) {
        const double middle = (light_at<encoded_steps_log2>(i) + light_at<encoded_steps_log2>(i + 1)) / 2;
        encoded_[i] =
            static_cast<std::int32_t>(std::lround(std::pow(middle, 1 / screen_gamma) * (tone_codes - 1)));
    }
    encoded_[0] = 0;
    const Matrix xyz = rgb_to_xyz(primaries_of(colours));
    const Matrix to_709 = product(inverse(rgb_to_xyz(GST_VIDEO_COLOR_PRIMARIES_BT709)), xyz);
    for (std::size_t i = 0; i < 3; i++) {
        luminance_[i] = static_cast<float>(xyz[1][i]);
        for (std::size_t j = 0; j < 3; j++)
            to_709_[i][j] = static_cast<float>(to_709[i][j]);
    }
}

void ToneMap::set_light(const GstVideoColorimetry &colours)
{
    light_.resize(tone_codes);
    for (unsigned code = 0; code < tone_codes; code++) {
        const double signal = static_cast<double>(code) / (tone_codes - 1);
        double light = 0;
        if (colours.transfer == GST_VIDEO_TRANSFER_SMPTE2084)
            light = pq_nits(signal) / reference_white_nits;
        else if (colours.transfer == GST_VIDEO_TRANSFER_ARIB_STD_B67)
            light = hlg_light(signal);
        else
            light = std::pow(signal, screen_gamma);
        light_[code] = static_cast<float>(light);
    }
}

void ToneMap::set_gain(const GstVideoColorimetry &colours, double peak_nits)
{
    const bool hlg = colours.transfer == GST_VIDEO_TRANSFER_ARIB_STD_B67;
    gain_.resize((gain_octaves << gain_steps_log2) + 1, 1);
    if (!is_hdr(colours.transfer))
        return;
    for (std::size_t i = 0; i < gain_.size(); i++) {
        const double luminance = light_at<gain_steps_log2>(i);
        const double nits =
            hlg ? hlg_most_nits * std::pow(luminance, hlg_system_gamma) : luminance * reference_white_nits;
        gain_[i] = static_cast<float>(eetf_nits(nits, hlg ? hlg_most_nits : peak_nits, reference_white_nits) /
                                      reference_white_nits / luminance);
    }
}

// Loops over whole strips without branches, which compilers make wide. Only AVX2 beside the least that all
// have, which has no fused multiply-add: the same bytes on every machine.
BUTACA_WIDE void ToneMap::map(Strip &__restrict strip) const
{
    const float *const __restrict light = light_.data();
    const float *const __restrict gain = gain_.data();
    const std::int32_t *const __restrict encoded = encoded_.data();
    const auto weights = luminance_;
    const auto matrix = to_709_;
    constexpr auto last_gain = static_cast<std::int32_t>(gain_octaves << gain_steps_log2) - 1;
    for (std::size_t c = 0; c < 3; c++)
        for (unsigned x = 0; x < strip_width; x++)
            strip.light[c][x] = light[strip.code[c][x]];
    for (unsigned x = 0; x < strip_width; x++) {
        const float whole =
            weights[0] * strip.light[0][x] + weights[1] * strip.light[1][x] + weights[2] * strip.light[2][x];
        std::int32_t rest = 0;
        const std::int32_t place = std::min(place_of<gain_steps_log2>(whole, rest), last_gain);
        constexpr float step = 1.0F / (1U << (float_mantissa_bits - gain_steps_log2));
        const float low = gain[place], high = gain[place + 1];
        strip.factor[x] = low + (high - low) * (static_cast<float>(rest) * step);
        strip.grey[x] = std::min(1.0F, whole * strip.factor[x]);
    }
    for (unsigned x = 0; x < strip_width; x++) {
        const float r = strip.light[0][x] * strip.factor[x], g = strip.light[1][x] * strip.factor[x],
                    b = strip.light[2][x] * strip.factor[x];
        const float red = matrix[0][0] * r + matrix[0][1] * g + matrix[0][2] * b;
        const float green = matrix[1][0] * r + matrix[1][1] * g + matrix[1][2] * b;
        const float blue = matrix[2][0] * r + matrix[2][1] * g + matrix[2][2] * b;
        const float grey = strip.grey[x];
        // What the screen cannot hold keeps only as much of its colour as fits.
        constexpr float least_room = 1e-9F;
        const float most = std::max(red, std::max(green, blue)), least = std::min(red, std::min(green, blue));
        const float above = (1 - grey) / std::max(std::max(most, 1.0F) - grey, least_room);
        const float below = grey / std::max(grey - std::min(least, 0.0F), least_room);
        const float keep = std::min(above, below);
        strip.light[0][x] = std::min(std::max(grey + (red - grey) * keep, 0.0F), 1.0F);
        strip.light[1][x] = std::min(std::max(grey + (green - grey) * keep, 0.0F), 1.0F);
        strip.light[2][x] = std::min(std::max(grey + (blue - grey) * keep, 0.0F), 1.0F);
    }
    for (std::size_t c = 0; c < 3; c++)
        for (unsigned x = 0; x < strip_width; x++) {
            std::int32_t rest = 0;
            strip.code[c][x] = encoded[place_of<encoded_steps_log2>(strip.light[c][x], rest)];
        }
}

void ToneMap::apply(std::uint16_t *red, std::uint16_t *green, std::uint16_t *blue, unsigned width) const
{
    constexpr std::uint16_t highest = tone_codes - 1;
    const std::array<std::uint16_t *, 3> rows = {red, green, blue};
    Strip strip{};
    for (unsigned at = 0; at < width; at += strip_width) {
        const unsigned count = std::min(strip_width, width - at);
        for (std::size_t c = 0; c < 3; c++) {
            const std::uint16_t *const __restrict in = rows[c] + at;
            for (unsigned x = 0; x < count; x++)
                strip.code[c][x] = std::min(in[x], highest);
        }
        map(strip);
        for (std::size_t c = 0; c < 3; c++) {
            std::uint16_t *const __restrict out = rows[c] + at;
            for (unsigned x = 0; x < count; x++)
                out[x] = static_cast<std::uint16_t>(strip.code[c][x]);
        }
    }
}

} // namespace butaca::video
