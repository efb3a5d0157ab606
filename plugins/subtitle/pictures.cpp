// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/pictures.h"

#include <algorithm>
#include <cmath>

namespace butaca::subtitle {

namespace {

constexpr guint side_most = 8192;
constexpr std::size_t channels = 4;

struct Picture {
    guint width, height;
    const std::uint8_t *rgba;

    const std::uint8_t *pixel(std::size_t x, std::size_t y) const
    {
        return rgba + (y * width + x) * channels;
    }
};

// The mean of the pixels that lie below one of the new ones, each by its share; colours count by their
// opacity. Enlarged it repeats pixels, which is how such pictures look best: their letters have their own
// soft edges.
std::vector<std::uint8_t> scaled(const Picture &from, std::size_t width, std::size_t height)
{
    std::vector<std::uint8_t> out(width * height * channels);
    const double step_x = static_cast<double>(from.width) / static_cast<double>(width);
    const double step_y = static_cast<double>(from.height) / static_cast<double>(height);
    for (std::size_t y = 0; y < height; y++)
        for (std::size_t x = 0; x < width; x++) {
            double left = static_cast<double>(x) * step_x;
            double top = static_cast<double>(y) * step_y;
            auto first_x = static_cast<std::size_t>(left);
            auto first_y = static_cast<std::size_t>(top);
            auto last_x =
                std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(left + step_x)), first_x + 1,
                                        std::max<std::size_t>(from.width, first_x + 1));
            auto last_y =
                std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(top + step_y)), first_y + 1,
                                        std::max<std::size_t>(from.height, first_y + 1));
            double area = 0;
            double alpha = 0;
            double colour[3] = {0, 0, 0};
            for (std::size_t v = first_y; v < last_y && v < from.height; v++)
                for (std::size_t u = first_x; u < last_x && u < from.width; u++) {
                    double wide = std::min(left + step_x, static_cast<double>(u + 1)) -
                                  std::max(left, static_cast<double>(u));
                    double high = std::min(top + step_y, static_cast<double>(v + 1)) -
                                  std::max(top, static_cast<double>(v));
                    double share = std::max(0.0, wide) * std::max(0.0, high);
                    const std::uint8_t *pixel = from.pixel(u, v);
                    area += share;
                    alpha += share * pixel[3];
                    for (int c = 0; c < 3; c++)
                        colour[c] += share * pixel[3] * pixel[c];
                }
            std::uint8_t *into = out.data() + (y * width + x) * channels;
            if (alpha <= 0 || area <= 0)
                continue;
            for (int c = 0; c < 3; c++)
                into[c] = static_cast<std::uint8_t>(std::lround(colour[c] / alpha));
            into[3] = static_cast<std::uint8_t>(std::lround(alpha / area));
        }
    return out;
}

void place_picture(GVariant *value, std::int64_t start_ns, std::int64_t end_ns, guint canvas_width,
                   guint canvas_height, int width, int height, std::vector<Placed> &into)
{
    guint x = 0;
    guint y = 0;
    Picture picture{};
    GVariant *bytes = nullptr;
    g_variant_get(value, "(uuuu@ay)", &x, &y, &picture.width, &picture.height, &bytes);
    gsize size = 0;
    picture.rgba = static_cast<const std::uint8_t *>(g_variant_get_fixed_array(bytes, &size, 1));
    bool good = picture.width > 0 && picture.height > 0 && picture.width <= canvas_width &&
                picture.height <= canvas_height && x <= canvas_width && y <= canvas_height &&
                size == std::size_t{picture.width} * picture.height * channels;
    const double scale = canvas_width > 0 ? static_cast<double>(width) / canvas_width : 0;
    // A canvas of another shape than any film's would make a small picture a huge one.
    if (good && picture.height * scale <= 2.0 * height) {
        double above = (height - canvas_height * scale) / 2;
        Placed placed{start_ns, end_ns, {}, {}};
        placed.place.width = std::max(1, static_cast<int>(std::lround(picture.width * scale)));
        placed.place.height = std::max(1, static_cast<int>(std::lround(picture.height * scale)));
        placed.place.x = static_cast<int>(std::lround(x * scale));
        int top = static_cast<int>(std::lround(y * scale + above));
        placed.place.y = std::clamp(top, 0, std::max(0, height - placed.place.height));
        placed.rgba = scaled(picture, static_cast<std::size_t>(placed.place.width),
                             static_cast<std::size_t>(placed.place.height));
        into.push_back(std::move(placed));
    }
    g_variant_unref(bytes);
}

} // namespace

std::vector<Placed> placed_pictures(GVariant *pictures, int width, int height)
{
    std::vector<Placed> all;
    GVariantIter cues;
    g_variant_iter_init(&cues, pictures);
    while (GVariant *cue = g_variant_iter_next_value(&cues)) {
        gint64 start_ns = 0;
        gint64 end_ns = 0;
        guint canvas_width = 0;
        guint canvas_height = 0;
        GVariant *parts = nullptr;
        g_variant_get(cue, "(xxuu@a(uuuuay))", &start_ns, &end_ns, &canvas_width, &canvas_height, &parts);
        bool good = end_ns > start_ns && canvas_width > 0 && canvas_height > 0 && canvas_width <= side_most &&
                    canvas_height <= side_most;
        GVariantIter iterator;
        g_variant_iter_init(&iterator, parts);
        while (GVariant *part = good ? g_variant_iter_next_value(&iterator) : nullptr) {
            place_picture(part, start_ns, end_ns, canvas_width, canvas_height, width, height, all);
            g_variant_unref(part);
        }
        g_variant_unref(parts);
        g_variant_unref(cue);
    }
    return all;
}

} // namespace butaca::subtitle
