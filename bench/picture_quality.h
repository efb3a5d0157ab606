// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures in memory, a scaler that is slow but exact, and a measure of how much two pictures look alike.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace butaca::bench {

struct Plane {
    int width = 0, height = 0, stride = 0;
    std::uint8_t *data = nullptr;
};

// One I420 picture in memory that every candidate can take: each row starts at a multiple of 64 bytes.
class Picture {
public:
    Picture(int width, int height)
    {
        for (std::size_t i = 0; i < 3; i++) {
            Plane &p = planes_[i];
            p.width = i ? (width + 1) / 2 : width;
            p.height = i ? (height + 1) / 2 : height;
            p.stride = (p.width + 63) / 64 * 64;
            store_[i].resize(static_cast<std::size_t>(p.stride) * p.height + 64);
            auto address = reinterpret_cast<std::uintptr_t>(store_[i].data());
            p.data = store_[i].data() + (64 - address % 64) % 64;
        }
    }
    const Plane &plane(std::size_t i) const { return planes_[i]; }

private:
    std::array<Plane, 3> planes_;
    std::array<std::vector<std::uint8_t>, 3> store_;
};

// Scales to the size of `to` with lanczos in doubles: the reference for others.
void scale_exactly(const Picture &from, Picture &to);

// Mean SSIM over 8x8 windows, every fourth pixel (as ffmpeg's filter does).
double ssim(const Plane &a, const Plane &b);

} // namespace butaca::bench
