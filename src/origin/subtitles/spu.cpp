// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/spu.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "src/media/wire.h"
#include "src/origin/subtitles/fields.h"
#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

enum Command : unsigned {
    start_forced = 0x00,
    start_display = 0x01,
    stop_display = 0x02,
    set_colours = 0x03,
    set_alphas = 0x04,
    set_area = 0x05,
    set_fields = 0x06,
    change_colours = 0x07, // within the picture, which hardly a disc does
    end_of_commands = 0xff
};

// A fade has a dozen or two.
constexpr unsigned sequences_most = 64;
constexpr std::uint32_t side_most = 4096; // what twelve bits can say
constexpr std::size_t runs_bytes_most = 64UL << 20;
constexpr std::int64_t shown_at_most_ns = 10'000'000'000;
constexpr std::int64_t told_at_most_ns = 3'600'000'000'000;

// Dates are in units of 1024 ticks of the 90 kHz clock.
std::int64_t date_ns(std::uint32_t date) { return std::int64_t{date} * 1024 * 100'000 / 9; }

std::array<std::uint8_t, 4> nibbles_of(std::uint32_t packed)
{
    std::array<std::uint8_t, 4> out{};
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = packed >> (4 * i) & 0xf;
    return out;
}

// Joins equal pixels, so that a picture costs what its runs cost.
class RunWriter {
public:
    void put(std::uint64_t count, const std::array<char, 4> &pixel)
    {
        if (count == 0)
            return;
        if (count_ > 0 && pixel != pixel_)
            flush();
        pixel_ = pixel;
        count_ += count;
    }
    std::string take()
    {
        flush();
        return std::move(runs_);
    }

private:
    void flush()
    {
        if (count_ > 0) {
            media::put_unsigned(runs_, count_);
            runs_.append(pixel_.data(), pixel_.size());
        }
        count_ = 0;
    }
    std::string runs_;
    std::array<char, 4> pixel_{};
    std::uint64_t count_ = 0;
};

// The rows of one field: nibbles, a row begins with a whole byte.
class FieldReader {
public:
    FieldReader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(2 * std::min(at, bytes.size()))
    {
    }

    // put(count, colour) for each run of the row; false when it is not there.
    template <typename Put> bool row(std::uint32_t width, Put put)
    {
        std::uint32_t column = 0;
        while (column < width) {
            if (at_ >= 2 * bytes_.size())
                return false;
            // One to four nibbles: the smaller the number so far, the longer it is.
            std::uint32_t code = nibble();
            for (std::uint32_t least = 0x4; code < least && least <= 0x40; least <<= 2)
                code = code << 4 | nibble();
            std::uint32_t run = code >> 2;
            if (run == 0 || run > width - column)
                run = width - column;
            put(run, code & 3);
            column += run;
        }
        at_ += at_ & 1;
        return true;
    }

private:
    std::uint32_t nibble()
    {
        if (at_ >= 2 * bytes_.size())
            return 0;
        auto byte = static_cast<std::uint8_t>(bytes_[at_ / 2]);
        return at_++ & 1 ? byte & 0xfU : byte >> 4U;
    }
    std::string_view bytes_;
    std::size_t at_; // in nibbles
};

} // namespace

SpuPalette spu_palette_of(const std::array<std::uint32_t, 16> &ycrcb)
{
    SpuPalette palette{};
    for (std::size_t i = 0; i < palette.size(); i++) {
        double light = ((ycrcb[i] >> 16 & 0xff) - 16.0) * 255 / 219;
        double red = ((ycrcb[i] >> 8 & 0xff) - 128.0) * 255 / 224;
        double blue = ((ycrcb[i] & 0xff) - 128.0) * 255 / 224;
        auto byte = [](double value) {
            return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
        };
        palette[i] = {byte(light + 1.402 * red), byte(light - 0.344136 * blue - 0.714136 * red),
                      byte(light + 1.772 * blue)};
    }
    return palette;
}

SpuReader::SpuReader(const SpuHead &head) : head_(head)
{
    bool known = head.canvas_width > 0 && head.canvas_height > 0 &&
                 head.canvas_width <= media::cue_canvas_most && head.canvas_height <= media::cue_canvas_most;
    subtitles_.form = media::CueForm::pictures;
    subtitles_.canvas_width = known ? head.canvas_width : 0;
    subtitles_.canvas_height = known ? head.canvas_height : 0;
}

bool SpuReader::apply(std::string_view commands, Look &look, bool &changed)
{
    Fields fields(commands);
    while (fields.good()) {
        switch (fields.number(1)) {
        case start_forced:
        case start_display:
            look.shown = changed = true;
            break;
        case stop_display:
            look.shown = false;
            changed = true;
            break;
        case set_colours:
            look.colours = nibbles_of(fields.number(2));
            changed = true;
            break;
        case set_alphas:
            look.alphas = nibbles_of(fields.number(2));
            changed = true;
            break;
        case set_area: {
            std::uint32_t columns = fields.number(3);
            std::uint32_t rows = fields.number(3);
            std::uint32_t right = columns & 0xfff;
            std::uint32_t bottom = rows & 0xfff;
            look.x = columns >> 12;
            look.y = rows >> 12;
            look.width = right >= look.x ? right - look.x + 1 : 0;
            look.height = bottom >= look.y ? bottom - look.y + 1 : 0;
            changed = true;
            break;
        }
        case set_fields:
            look.fields = {fields.number(2), 0};
            look.fields[1] = fields.number(2);
            changed = true;
            break;
        case change_colours: {
            std::uint32_t size = fields.number(2);
            fields.skip(size >= 2 ? size - 2 : 0);
            break;
        }
        case end_of_commands:
            return fields.good();
        default:
            return false;
        }
    }
    return false;
}

std::array<std::array<char, 4>, 4> SpuReader::colours_of(const Look &look) const
{
    std::set<unsigned> seen;
    for (std::size_t i = 0; i < look.colours.size(); i++)
        if (look.alphas[i] > 0)
            seen.insert(look.colours[i]);
    std::array<std::array<char, 4>, 4> pixels{};
    for (std::size_t i = 0; i < pixels.size(); i++) {
        if (look.alphas[i] == 0)
            continue; // all that cannot be seen is alike
        std::array<std::uint8_t, 3> rgb{};
        if (head_.palette)
            rgb = (*head_.palette)[look.colours[i]];
        else if (seen.size() == 1)
            rgb.fill(255);
        else
            rgb.fill(static_cast<std::uint8_t>(std::distance(seen.begin(), seen.find(look.colours[i])) * 255 /
                                               static_cast<std::ptrdiff_t>(seen.size() - 1)));
        pixels[i] = {static_cast<char>(rgb[0]), static_cast<char>(rgb[1]), static_cast<char>(rgb[2]),
                     static_cast<char>(look.alphas[i] * 17)};
    }
    return pixels;
}

// False when the rows are not there or nothing of it lies on the canvas.
bool SpuReader::picture_of(const Look &look, std::string_view spu, media::CuePicture &picture)
{
    std::uint32_t canvas_width = subtitles_.canvas_width ? subtitles_.canvas_width : side_most;
    std::uint32_t canvas_height = subtitles_.canvas_height ? subtitles_.canvas_height : side_most;
    if (look.width == 0 || look.height == 0 || look.x >= canvas_width || look.y >= canvas_height ||
        runs_bytes_ >= runs_bytes_most)
        return false;
    std::uint32_t width = std::min(look.width, canvas_width - look.x);
    std::uint32_t height = std::min(look.height, canvas_height - look.y);
    auto pixels = colours_of(look);
    RunWriter writer;
    std::array<FieldReader, 2> fields = {FieldReader(spu, look.fields[0]), FieldReader(spu, look.fields[1])};
    for (std::uint32_t row = 0; row < height; row++) {
        std::uint32_t column = 0;
        bool whole = fields[row & 1].row(look.width, [&](std::uint32_t run, std::uint32_t colour) {
            if (column < width)
                writer.put(std::min(run, width - column), pixels[colour]);
            column += run;
        });
        if (!whole)
            return false;
    }
    picture = {look.x, look.y, width, height, writer.take()};
    runs_bytes_ += picture.runs.size();
    return true;
}

void SpuReader::take(std::int64_t start_ns, std::int64_t end_ns, std::string_view spu)
{
    Fields head(spu);
    std::size_t size = head.number(2);
    std::size_t at = head.number(2);
    if (size < 4 || size > spu.size() || at < 4)
        return skip();
    spu = spu.substr(0, size);
    std::int64_t told_ns = end_ns - start_ns;
    bool told = told_ns > 0 && told_ns <= told_at_most_ns;
    Look look;
    media::Cue cue;
    auto close = [&](std::int64_t at_ns) {
        media::Cue done = std::exchange(cue, {});
        done.end_ns = at_ns;
        // What a fade shows for no time at all is nothing lost.
        if (done.end_ns > done.start_ns)
            add_cue(subtitles_, std::move(done));
    };
    for (unsigned i = 0; i < sequences_most; i++) {
        Fields sequence(spu.substr(std::min(at, spu.size())));
        std::int64_t at_ns = start_ns + date_ns(sequence.number(2));
        std::size_t next = sequence.number(2);
        bool changed = false;
        if (!sequence.good() || !apply(sequence.rest(), look, changed))
            return skip();
        if (changed)
            close(at_ns);
        bool visible = std::any_of(look.alphas.begin(), look.alphas.end(), [](auto a) { return a > 0; });
        if (changed && look.shown && visible) {
            media::CuePicture picture;
            if (!picture_of(look, spu, picture))
                return skip();
            cue.start_ns = at_ns;
            cue.pictures.push_back(std::move(picture));
        }
        // The last one points to itself.
        if (next <= at)
            break;
        at = next;
    }
    close(told && end_ns > cue.start_ns ? end_ns : cue.start_ns + shown_at_most_ns);
}

// That of the film, if this comes straight from a disc; else the smallest usual one that holds all pictures.
void SpuReader::choose_canvas()
{
    std::uint32_t right = 0;
    std::uint32_t bottom = 0;
    for (const auto &cue : subtitles_.cues)
        for (const auto &picture : cue.pictures) {
            right = std::max(right, picture.x + picture.width);
            bottom = std::max(bottom, picture.y + picture.height);
        }
    bool disc = head_.video_width == 720 && (head_.video_height == 480 || head_.video_height == 576);
    if (disc && right <= head_.video_width && bottom <= head_.video_height) {
        subtitles_.canvas_width = head_.video_width;
        subtitles_.canvas_height = head_.video_height;
        return;
    }
    constexpr std::array<std::array<std::uint32_t, 2>, 4> usual = {
        {{720, 480}, {720, 576}, {1280, 720}, {1920, 1080}}};
    auto fits = std::find_if(usual.begin(), usual.end(),
                             [&](const auto &canvas) { return right <= canvas[0] && bottom <= canvas[1]; });
    subtitles_.canvas_width = fits != usual.end() ? (*fits)[0] : right;
    subtitles_.canvas_height = fits != usual.end() ? (*fits)[1] : bottom;
}

media::Subtitles SpuReader::finish()
{
    if (subtitles_.canvas_width == 0)
        choose_canvas();
    finish_cues(subtitles_);
    // A new sub-picture takes the place of the one before, whatever that said.
    auto &cues = subtitles_.cues;
    for (std::size_t i = 0; i + 1 < cues.size(); i++)
        if (cues[i + 1].start_ns > cues[i].start_ns)
            cues[i].end_ns = std::min(cues[i].end_ns, cues[i + 1].start_ns);
    return std::move(subtitles_);
}

} // namespace butaca::origin
