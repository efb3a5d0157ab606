// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/pgs.h"

#include <algorithm>
#include <cmath>

#include "src/origin/subtitles/fields.h"
#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

enum SegmentType : unsigned {
    palette_segment = 0x14,
    object_segment = 0x15,
    composition_segment = 0x16,
    end_segment = 0x80
};

constexpr std::size_t objects_most = 64;
constexpr std::size_t object_bytes_most = 4UL << 20;
constexpr std::int64_t shown_at_most_ns = 10'000'000'000;
constexpr unsigned epoch_start = 0x80;
constexpr unsigned first_piece = 0x80;
constexpr unsigned cropped = 0x80;

// BT.709 of limited range, as discs of high definition have it.
std::array<std::uint8_t, 4> rgba_of(unsigned y, unsigned cr, unsigned cb, unsigned alpha)
{
    double light = (y - 16.0) * 255 / 219;
    double red = (cr - 128.0) * 255 / 224;
    double blue = (cb - 128.0) * 255 / 224;
    auto byte = [](double value) {
        return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
    };
    return {byte(light + 1.5748 * red), byte(light - 0.1873 * blue - 0.4681 * red),
            byte(light + 1.8556 * blue), static_cast<std::uint8_t>(alpha)};
}

// The pixels of an object, decoded row by row; false when they are not there.
template <typename Put>
bool decode_rows(std::string_view coded, std::uint32_t width, std::uint32_t height, Put put)
{
    std::size_t at = 0;
    auto byte = [&]() -> unsigned { return at < coded.size() ? static_cast<std::uint8_t>(coded[at++]) : 0U; };
    for (std::uint32_t row = 0; row < height; row++) {
        std::uint32_t column = 0;
        for (;;) {
            if (at >= coded.size())
                return false;
            unsigned colour = byte();
            std::uint32_t run = 1;
            if (colour == 0) {
                unsigned flags = byte();
                if (flags == 0)
                    break; // the end of the row
                run = flags & 0x3f;
                if (flags & 0x40)
                    run = run << 8 | byte();
                colour = flags & 0x80 ? byte() : 0;
            }
            run = std::min(run, width - column);
            put(run, colour);
            column += run;
        }
        if (column < width)
            put(width - column, 0U);
    }
    return true;
}

} // namespace

void PgsReader::take(std::int64_t time_ns, std::string_view segments)
{
    while (segments.size() >= 3) {
        Fields head(segments);
        unsigned type = head.number(1);
        std::size_t length = head.number(2);
        if (length > head.rest().size()) {
            subtitles_.skipped++;
            return;
        }
        take_segment(time_ns, type, head.rest().substr(0, length));
        segments.remove_prefix(3 + length);
    }
}

void PgsReader::take_segment(std::int64_t time_ns, unsigned type, std::string_view content)
{
    switch (type) {
    case composition_segment:
        return take_composition(time_ns, content);
    case palette_segment:
        return take_palette(content);
    case object_segment:
        return take_object(content);
    case end_segment:
        return show();
    default:
        return; // windows say nothing that the placements do not
    }
}

void PgsReader::take_composition(std::int64_t time_ns, std::string_view content)
{
    Fields fields(content);
    std::uint32_t width = fields.number(2);
    std::uint32_t height = fields.number(2);
    fields.number(3);
    unsigned state = fields.number(1);
    fields.number(1);
    palette_ = fields.number(1);
    unsigned count = fields.number(1);
    placements_.clear();
    time_ns_ = time_ns;
    composing_ = true;
    if (state & epoch_start)
        objects_.clear();
    for (unsigned i = 0; i < count && fields.good(); i++) {
        Placement placement;
        placement.object = fields.number(2);
        fields.number(1);
        unsigned flags = fields.number(1);
        placement.x = fields.number(2);
        placement.y = fields.number(2);
        if (flags & cropped)
            fields.number(8);
        placements_.push_back(placement);
    }
    bool sane = fields.good() && width > 0 && height > 0 && width <= media::cue_canvas_most &&
                height <= media::cue_canvas_most;
    if (!sane) {
        subtitles_.skipped++;
        composing_ = false;
        return;
    }
    if (subtitles_.canvas_width == 0) {
        subtitles_.canvas_width = width;
        subtitles_.canvas_height = height;
    }
}

void PgsReader::take_palette(std::string_view content)
{
    Fields fields(content);
    unsigned id = fields.number(1);
    fields.number(1);
    Palette &palette = palettes_[id];
    while (fields.rest().size() >= 5) {
        unsigned entry = fields.number(1);
        unsigned y = fields.number(1);
        unsigned cr = fields.number(1);
        unsigned cb = fields.number(1);
        palette[entry] = rgba_of(y, cr, cb, fields.number(1));
    }
}

void PgsReader::take_object(std::string_view content)
{
    Fields fields(content);
    unsigned id = fields.number(2);
    fields.number(1);
    unsigned flags = fields.number(1);
    if (flags & first_piece) {
        if (objects_.size() >= objects_most && !objects_.contains(id))
            return;
        fields.number(3);
        Object &object = objects_[id];
        object.width = fields.number(2);
        object.height = fields.number(2);
        object.coded = fields.rest();
        return;
    }
    auto known = objects_.find(id);
    if (known != objects_.end() && known->second.coded.size() + fields.rest().size() <= object_bytes_most)
        known->second.coded += fields.rest();
}

bool PgsReader::picture_of(const Placement &placement, media::CuePicture &picture) const
{
    auto object = objects_.find(placement.object);
    auto palette = palettes_.find(palette_);
    if (object == objects_.end() || palette == palettes_.end())
        return false;
    const Object &source = object->second;
    bool fits = source.width > 0 && source.height > 0 && placement.x <= subtitles_.canvas_width &&
                placement.y <= subtitles_.canvas_height &&
                source.width <= subtitles_.canvas_width - placement.x &&
                source.height <= subtitles_.canvas_height - placement.y;
    if (!fits)
        return false;
    std::string rgba;
    bool whole =
        decode_rows(source.coded, source.width, source.height, [&](std::uint32_t run, unsigned colour) {
            const auto &pixel = palette->second[colour];
            for (std::uint32_t i = 0; i < run; i++)
                rgba.append(reinterpret_cast<const char *>(pixel.data()), pixel.size());
        });
    picture = {placement.x, placement.y, source.width, source.height, media::pack_pixels(rgba)};
    return whole;
}

// A display set is whole: it ends what was shown before.
void PgsReader::show()
{
    if (!composing_)
        return;
    composing_ = false;
    end_shown(time_ns_);
    for (const Placement &placement : placements_) {
        media::CuePicture picture;
        if (picture_of(placement, picture))
            shown_.pictures.push_back(std::move(picture));
        else
            subtitles_.skipped++;
    }
    shown_.start_ns = time_ns_;
}

void PgsReader::end_shown(std::int64_t time_ns)
{
    media::Cue cue = std::exchange(shown_, {});
    cue.end_ns = time_ns;
    add_cue(subtitles_, std::move(cue));
}

media::Subtitles PgsReader::finish(std::int64_t at_most_ns)
{
    // The last set may be cut off: it ends what was shown before all the same.
    show();
    end_shown(shown_.start_ns + at_most_ns);
    subtitles_.form = media::CueForm::pictures;
    finish_cues(subtitles_);
    return std::move(subtitles_);
}

Result<media::Subtitles> parse_pgs(std::string_view bytes)
{
    constexpr std::size_t head_bytes = 13;
    if (!bytes.starts_with("PG"))
        return fail(ErrorCode::unsupported, "it does not begin as a file of presentation graphics must");
    PgsReader reader;
    while (bytes.size() >= head_bytes && bytes.starts_with("PG")) {
        Fields head(bytes.substr(2));
        std::int64_t time_ns = std::int64_t{head.number(4)} * 100'000 / 9;
        head.number(4);
        unsigned type = head.number(1);
        std::size_t length = head.number(2);
        if (length > bytes.size() - head_bytes)
            break;
        reader.take_segment(time_ns, type, bytes.substr(head_bytes, length));
        bytes.remove_prefix(head_bytes + length);
    }
    return reader.finish(shown_at_most_ns);
}

} // namespace butaca::origin
