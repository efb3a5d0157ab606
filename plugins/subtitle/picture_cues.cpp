// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/picture_cues.h"

#include <algorithm>
#include <cmath>

namespace butaca {
BUTACA_OWNS(GVariant, g_variant_unref);
} // namespace butaca

namespace butaca::subtitle {

namespace {

// One axis of a scaling: which source samples make each output sample, and how much of each.
struct Axis {
    int start = 0; // first output sample, on the frame
    std::vector<std::size_t> first;
    std::vector<std::vector<float>> weights;
};

// A triangle as wide as the larger of both samples: bilinear when enlarging, an even mean when reducing.
Axis axis_of(double place, std::uint32_t size, double scale, int frame_size)
{
    Axis axis;
    const double end = std::min<double>(frame_size, std::ceil(place + size * scale));
    axis.start = static_cast<int>(std::clamp(std::floor(place), 0.0, static_cast<double>(frame_size)));
    const double reach = std::max(1.0, 1 / scale);
    for (int at = axis.start; at < static_cast<int>(end); at++) {
        const double middle = (at + 0.5 - place) / scale - 0.5;
        const int low = static_cast<int>(std::ceil(middle - reach)),
                  high = static_cast<int>(std::floor(middle + reach));
        const int from = std::clamp(low, 0, static_cast<int>(size) - 1);
        const int to = std::clamp(high, from, static_cast<int>(size) - 1);
        double sum = 0;
        for (int i = low; i <= high; i++)
            sum += std::max(0.0, 1 - std::abs(i - middle) / reach);
        std::vector<float> weights;
        // What lies beyond the picture is transparent, so that weights outside are just left out.
        for (int i = from; i <= to; i++)
            weights.push_back(static_cast<float>(std::max(0.0, 1 - std::abs(i - middle) / reach) / sum));
        axis.first.push_back(static_cast<std::size_t>(from));
        axis.weights.push_back(std::move(weights));
    }
    return axis;
}

std::uint8_t byte_of(float value)
{
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
}

// Rows first, then columns; premultiplied in between, so that the colour of what is transparent does not
// count.
std::vector<std::uint8_t> scaled(const std::uint8_t *rgba, std::uint32_t width, const Axis &across,
                                 const Axis &down)
{
    const std::size_t columns = across.first.size(), rows = down.first.size();
    std::vector<std::uint8_t> out(columns * rows * 4);
    std::vector<float> line(static_cast<std::size_t>(width) * 4);
    for (std::size_t y = 0; y < rows; y++) {
        std::fill(line.begin(), line.end(), 0.0F);
        for (std::size_t k = 0; k < down.weights[y].size(); k++) {
            const std::uint8_t *from = rgba + (down.first[y] + k) * width * 4;
            for (std::size_t x = 0; x < width; x++) {
                const float alpha = static_cast<float>(from[x * 4 + 3]) * down.weights[y][k];
                for (std::size_t c = 0; c < 3; c++)
                    line[x * 4 + c] += static_cast<float>(from[x * 4 + c]) * alpha;
                line[x * 4 + 3] += alpha;
            }
        }
        for (std::size_t x = 0; x < columns; x++) {
            float sum[4] = {};
            for (std::size_t k = 0; k < across.weights[x].size(); k++)
                for (std::size_t c = 0; c < 4; c++)
                    sum[c] += line[(across.first[x] + k) * 4 + c] * across.weights[x][k];
            std::uint8_t *to = out.data() + (y * columns + x) * 4;
            for (std::size_t c = 0; c < 3 && sum[3] > 0; c++)
                to[c] = byte_of(sum[c] / sum[3]);
            to[3] = byte_of(sum[3]);
        }
    }
    return out;
}

} // namespace

bool PictureCues::read(GVariant *value, Cue &cue, std::string &why)
{
    GVariant *raw_parts = nullptr;
    g_variant_get(value, "(xxuu@a(uuuuay))", &cue.span.start, &cue.span.end, &cue.canvas_width,
                  &cue.canvas_height, &raw_parts);
    const auto parts = adopt(raw_parts);
    // Far enough from the ends for every sum with an offset.
    constexpr std::int64_t furthest = G_MAXINT64 / 4;
    const std::size_t count = g_variant_n_children(parts.get());
    if (cue.span.start < -furthest || cue.span.end > furthest || cue.span.end <= cue.span.start)
        why = "a picture's times are not in order";
    else if (!cue.canvas_width || !cue.canvas_height || cue.canvas_width > picture_canvas_most ||
             cue.canvas_height > picture_canvas_most)
        why = "a picture's canvas has no size or is wider or higher than 8192";
    else if (count > picture_parts_most)
        why = "a cue has more than 64 pictures";
    for (std::size_t i = 0; i < count && why.empty(); i++) {
        Part part{};
        GVariant *raw_bytes = nullptr;
        g_variant_get_child(parts.get(), i, "(uuuu@ay)", &part.x, &part.y, &part.width, &part.height,
                            &raw_bytes);
        const auto bytes = adopt(raw_bytes);
        part.rgba = adopt(g_variant_get_data_as_bytes(bytes.get()));
        const bool inside = part.width && part.height && part.x < cue.canvas_width &&
                            part.y < cue.canvas_height && part.width <= cue.canvas_width - part.x &&
                            part.height <= cue.canvas_height - part.y;
        if (!inside)
            why = "a picture is not inside its canvas";
        else if (g_bytes_get_size(part.rgba.get()) != static_cast<std::size_t>(part.width) * part.height * 4)
            why = "a picture's bytes do not fit its size";
        else
            cue.parts.push_back(std::move(part));
    }
    return why.empty();
}

std::unique_ptr<PictureCues> PictureCues::make(GVariant *value, std::string &why)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE(BUTACA_PICTURES_TYPE)) ||
        !g_variant_is_normal_form(value)) {
        why = "the pictures are not of type " BUTACA_PICTURES_TYPE;
        return nullptr;
    }
    const std::size_t count = g_variant_n_children(value);
    if (count > picture_cues_most) {
        why = "there are more than 100000 cues";
        return nullptr;
    }
    auto made = std::make_unique<PictureCues>();
    std::vector<Span> spans;
    for (std::size_t i = 0; i < count; i++) {
        const auto child = adopt(g_variant_get_child_value(value, i));
        Cue cue{};
        if (!read(child.get(), cue, why))
            return nullptr;
        spans.push_back(cue.span);
        made->cues_.push_back(std::move(cue));
    }
    made->moments_ = Moments(spans);
    return made;
}

PictureCues::Moment PictureCues::moment(std::int64_t time_ns) const
{
    const Moments::Piece piece = moments_.at(time_ns);
    return {piece.shows, piece.start};
}

std::vector<Layer> PictureCues::layers(Moment moment, int width, int height, double pixel_aspect)
{
    std::vector<Layer> layers;
    scaled_.clear();
    // So many at one time are nobody's subtitles, and each may be as large as the frame.
    std::size_t left = picture_parts_most;
    for (const Cue &cue : cues_)
        if (moment.shows && cue.span.start <= moment.at_ns && moment.at_ns < cue.span.end &&
            cue.parts.size() <= left) {
            left -= cue.parts.size();
            scale(cue, width, height, pixel_aspect, layers);
        }
    return layers;
}

void PictureCues::scale(const Cue &cue, int width, int height, double pixel_aspect,
                        std::vector<Layer> &layers)
{
    const double canvas_shape = 1.0 * cue.canvas_width / cue.canvas_height;
    const double frame_shape = pixel_aspect * width / height;
    double across = 1.0 * width / cue.canvas_width, down = 1.0 * height / cue.canvas_height;
    if (canvas_shape > frame_shape * 1.03)
        down *= frame_shape / canvas_shape;
    else if (frame_shape > canvas_shape * 1.03)
        across *= canvas_shape / frame_shape;
    const double left = (width - across * cue.canvas_width) / 2,
                 top = (height - down * cue.canvas_height) / 2;
    for (const Part &part : cue.parts) {
        const Axis columns = axis_of(left + part.x * across, part.width, across, width);
        const Axis rows = axis_of(top + part.y * down, part.height, down, height);
        const auto *rgba = static_cast<const std::uint8_t *>(g_bytes_get_data(part.rgba.get(), nullptr));
        scaled_.push_back(scaled(rgba, part.width, columns, rows));
        const int out_width = static_cast<int>(columns.first.size());
        layers.push_back({columns.start, rows.start, out_width, static_cast<int>(rows.first.size()),
                          static_cast<std::ptrdiff_t>(out_width) * 4, scaled_.back().data(), true, 0});
    }
}

} // namespace butaca::subtitle
