// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/picture_quality.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace butaca::bench {

namespace {

double lanczos3(double x)
{
    x = std::abs(x);
    if (x < 1e-9)
        return 1;
    if (x >= 3)
        return 0;
    const double px = std::numbers::pi * x;
    return 3 * std::sin(px) * std::sin(px / 3) / (px * px);
}

// Resamples `count` lines along one axis in doubles. `shift` is how far a sample's centre lies from the
// centre of its cell, in cells: 0 for luma, -0.25 for chroma that is sited with the left luma sample (MPEG-2,
// H.264's default).
std::vector<double> resample(const std::vector<double> &in, int in_size, int out_size, int count,
                             bool vertical, double shift)
{
    const double ratio = static_cast<double>(in_size) / out_size, support = 3 * std::max(1.0, ratio);
    std::vector<double> out(static_cast<std::size_t>(out_size) * count);
    for (int o = 0; o < out_size; o++) {
        const double centre = (o + 0.5 + shift) * ratio - 0.5 - shift;
        const int first = static_cast<int>(std::ceil(centre - support)),
                  last = static_cast<int>(std::floor(centre + support));
        std::vector<double> weights;
        double sum = 0;
        for (int i = first; i <= last; i++)
            sum += weights.emplace_back(lanczos3((i - centre) / std::max(1.0, ratio)));
        for (int line = 0; line < count; line++) {
            double value = 0;
            for (int i = first; i <= last; i++) {
                const int at = std::clamp(i, 0, in_size - 1);
                value += weights[i - first] * (vertical ? in[static_cast<std::size_t>(at) * count + line]
                                                        : in[static_cast<std::size_t>(line) * in_size + at]);
            }
            out[vertical ? static_cast<std::size_t>(o) * count + line
                         : static_cast<std::size_t>(line) * out_size + o] = value / sum;
        }
    }
    return out;
}

} // namespace

void scale_exactly(const Picture &from, Picture &to)
{
    for (std::size_t i = 0; i < 3; i++) {
        const Plane &a = from.plane(i), &b = to.plane(i);
        std::vector<double> values;
        for (int y = 0; y < a.height; y++)
            values.insert(values.end(), a.data + static_cast<std::ptrdiff_t>(y) * a.stride,
                          a.data + static_cast<std::ptrdiff_t>(y) * a.stride + a.width);
        values = resample(values, a.width, b.width, a.height, false, i ? -0.25 : 0);
        values = resample(values, a.height, b.height, b.width, true, 0);
        for (int y = 0; y < b.height; y++)
            for (int x = 0; x < b.width; x++)
                b.data[static_cast<std::ptrdiff_t>(y) * b.stride + x] = static_cast<std::uint8_t>(
                    std::lround(std::clamp(values[static_cast<std::size_t>(y) * b.width + x], 0.0, 255.0)));
    }
}

double ssim(const Plane &a, const Plane &b)
{
    constexpr double c1 = 6.5025, c2 = 58.5225, n = 64;
    double total = 0;
    long windows = 0;
    for (int y = 0; y + 8 <= a.height; y += 4) {
        for (int x = 0; x + 8 <= a.width; x += 4) {
            double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
            for (int j = 0; j < 8; j++) {
                for (int i = 0; i < 8; i++) {
                    const double p = a.data[static_cast<std::ptrdiff_t>(y + j) * a.stride + x + i];
                    const double q = b.data[static_cast<std::ptrdiff_t>(y + j) * b.stride + x + i];
                    sa += p, sb += q, saa += p * p, sbb += q * q, sab += p * q;
                }
            }
            const double ma = sa / n, mb = sb / n;
            total += (2 * ma * mb + c1) * (2 * (sab / n - ma * mb) + c2) /
                     ((ma * ma + mb * mb + c1) * (saa / n - ma * ma + sbb / n - mb * mb + c2));
            windows++;
        }
    }
    return windows ? total / static_cast<double>(windows) : 0;
}

} // namespace butaca::bench
