// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/ass.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/fonts.h"
#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

constexpr std::size_t header_bytes_most = 512UL * 1024;
constexpr std::size_t fields_most = 32;
// An event as media::Cue::ass has it, without its times.
constexpr std::array<std::string_view, 7> event_fields = {"style",   "name",   "marginl", "marginr",
                                                          "marginv", "effect", "text"};

// What a block of overrides ("{\\i1\\b0}") says of drawing and of the marks that WebVTT has, too.
struct Overrides {
    bool drawing = false;
    std::string marks; // for marked_cue_text()

    void read(std::string_view inside)
    {
        for (auto at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at + 1)) {
            auto tag = inside.substr(at + 1, std::min(inside.find('\\', at + 1), inside.size()) - at - 1);
            if (tag.size() < 2 || tag.substr(1).find_first_not_of("0123456789") != std::string_view::npos)
                continue;
            bool on = tag.substr(1) != "0";
            if (tag[0] == 'p')
                drawing = on;
            else if (tag[0] == 'i' || tag[0] == 'b' || tag[0] == 'u')
                marks.append(on ? "<" : "</").append(1, tag[0]).append(">");
        }
    }
};

// The words of an event's text as a cue's: drawings left out, "\N" a new line, "\h" a blank; italics, bold
// and underlined kept.
std::string words_of(std::string_view text)
{
    std::string out;
    bool drawing = false;
    while (!text.empty()) {
        auto close = text.front() == '{' ? text.find('}') : std::string_view::npos;
        if (close != std::string_view::npos) {
            Overrides overrides{drawing, ""};
            overrides.read(text.substr(1, close - 1));
            drawing = overrides.drawing;
            out += overrides.marks;
            text.remove_prefix(close + 1);
            continue;
        }
        if (text.front() == '\\' && text.size() > 1 &&
            std::string_view("Nnh").find(text[1]) != std::string_view::npos) {
            if (!drawing)
                out += text[1] == 'h' ? ' ' : '\n';
            text.remove_prefix(2);
            continue;
        }
        // What looks like a mark of WebVTT is none here.
        if (!drawing)
            out += text.front() == '<'   ? "&lt;"
                   : text.front() == '&' ? "&amp;"
                                         : std::string_view(text.data(), 1);
        text.remove_prefix(1);
    }
    return marked_cue_text(out, false);
}

std::string small(std::string_view text)
{
    std::string out(trimmed(text));
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

// At most `count` fields; the last one holds all that is left, commas included.
std::vector<std::string_view> split(std::string_view line, std::size_t count)
{
    std::vector<std::string_view> fields;
    while (fields.size() + 1 < count) {
        auto comma = line.find(',');
        if (comma == std::string_view::npos)
            break;
        fields.push_back(line.substr(0, comma));
        line.remove_prefix(comma + 1);
    }
    fields.push_back(line);
    return fields;
}

std::string number_or_0(std::string_view text)
{
    text = trimmed(text);
    bool number = !text.empty() && text.size() <= 6 &&
                  std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
    return number ? std::string(text) : "0";
}

// Reads the events of one file.
class Events {
public:
    explicit Events(media::Subtitles &into) : into_(into) {}

    void format(std::string_view line)
    {
        order_.clear();
        for (auto name : split(line, fields_most))
            order_.push_back(small(name));
    }
    void dialogue(std::string_view line)
    {
        auto values = split(line, order_.size());
        std::map<std::string_view, std::string_view> by_name;
        for (std::size_t i = 0; i < values.size() && i < order_.size(); i++)
            by_name[order_[i]] = values[i];
        auto start_text = trimmed(by_name["start"]);
        auto end_text = trimmed(by_name["end"]);
        auto start = take_time(start_text);
        auto end = take_time(end_text);
        if (!start || !end || values.size() < order_.size()) {
            into_.skipped++;
            return;
        }
        std::string ass = number_or_0(by_name["layer"]);
        for (auto field : event_fields)
            (ass += ",") += field == "text" ? by_name[field] : trimmed(by_name[field]);
        add_cue(into_, {*start, *end, words_of(by_name["text"]), "", std::move(ass), {}});
    }

private:
    media::Subtitles &into_;
    std::vector<std::string> order_ = {"layer",   "start",   "end",     "style",  "name",
                                       "marginl", "marginr", "marginv", "effect", "text"};
};

bool is_kept_section(std::string_view name)
{
    return name == "[script info]" || name == "[v4+ styles]" || name == "[v4 styles]";
}

} // namespace

void take_ass_header(std::string_view header, media::Subtitles &subtitles)
{
    subtitles.form = media::CueForm::styled;
    add_script_fonts(subtitles, header);
    bool kept = false;
    for (auto line : lines_of(header)) {
        if (trimmed(line).starts_with('['))
            kept = is_kept_section(small(line));
        if (kept && subtitles.ass_header.size() + line.size() < header_bytes_most)
            subtitles.ass_header.append(line).append("\n");
    }
}

void add_ass_packet(std::string_view packet, std::int64_t start_ns, std::int64_t end_ns,
                    media::Subtitles &subtitles)
{
    // Packets come from muxers: a line break in one would be another event.
    std::string line(packet.substr(0, packet.find_first_of(std::string_view("\r\n\0", 3))));
    auto fields = split(line, 9);
    if (fields.size() < 9) {
        subtitles.skipped++;
        return;
    }
    std::string ass = number_or_0(fields[1]);
    for (std::size_t i = 2; i < fields.size(); i++)
        (ass += ",") += fields[i];
    add_cue(subtitles, {start_ns, end_ns, words_of(fields[8]), "", std::move(ass), {}});
}

Result<media::Subtitles> parse_ass(std::string_view text)
{
    media::Subtitles subtitles;
    take_ass_header(text, subtitles);
    Events events(subtitles);
    bool inside = false;
    bool any = false;
    for (auto line : lines_of(text)) {
        if (trimmed(line).starts_with('[')) {
            inside = small(line) == "[events]";
            any = any || inside;
        } else if (inside && starts_without_case(line, "format:")) {
            events.format(line.substr(7));
        } else if (inside && starts_without_case(line, "dialogue:")) {
            events.dialogue(line.substr(9));
        }
    }
    if (!any)
        return fail(ErrorCode::unsupported, "it has no section of events, as an ASS file must");
    finish_cues(subtitles);
    return subtitles;
}

} // namespace butaca::origin
