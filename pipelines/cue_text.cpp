// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/cue_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <glib.h>

namespace butaca::pipelines {

namespace {

constexpr std::size_t nesting_most = 32;

struct Named {
    std::string_view name, value;
};

// W3C WebVTT, 5.1: the classes with a meaning of their own. ASS counts blue, green, red.
constexpr std::array<Named, 8> colours{{{"white", "FFFFFF"},
                                        {"lime", "00FF00"},
                                        {"cyan", "FFFF00"},
                                        {"red", "0000FF"},
                                        {"yellow", "00FFFF"},
                                        {"magenta", "FF00FF"},
                                        {"blue", "FF0000"},
                                        {"black", "000000"}}};
constexpr std::array<Named, 7> entities{{{"amp", "&"},
                                         {"lt", "<"},
                                         {"gt", ">"},
                                         {"quot", "\""},
                                         {"nbsp", "\u00A0"},
                                         {"lrm", "\u200E"},
                                         {"rlm", "\u200F"}}};

template <typename List> const Named *find(const List &list, std::string_view name)
{
    const auto found =
        std::find_if(list.begin(), list.end(), [name](const Named &n) { return n.name == name; });
    return found == list.end() ? nullptr : &*found;
}

// One tag that is open, and what closing it says.
struct Open {
    std::string name, undo;
};

// A walk over cue text that knows tags and escapes; a listener gets what they mean.
template <typename OnText, typename OnTag> void walk(std::string_view text, OnText on_text, OnTag on_tag)
{
    while (!text.empty()) {
        if (text[0] == '<') {
            const auto end = std::min(text.find('>'), text.size());
            on_tag(text.substr(1, end - 1));
            text.remove_prefix(std::min(end + 1, text.size()));
            continue;
        }
        if (text[0] == '&') {
            const auto end = text.substr(0, 12).find(';');
            const Named *entity =
                end == std::string_view::npos ? nullptr : find(entities, text.substr(1, end - 1));
            on_text(entity ? entity->value : text.substr(0, 1));
            text.remove_prefix(entity ? end + 1 : 1);
            continue;
        }
        const auto end = std::min(text.find_first_of("<&"), text.size());
        on_text(text.substr(0, end));
        text.remove_prefix(end);
    }
}

class Writer {
public:
    void text(std::string_view bytes)
    {
        for (const char c : bytes) {
            switch (c) {
            case '\n':
                out_ += "\\N";
                break;
            case '\r':
            case '\0':
                break;
            case '{':
                out_ += "\\{";
                break;
            case '}':
                out_ += "\\}";
                break;
            // A backslash speaks with the letter after it: a word joiner between them is not seen.
            case '\\':
                out_ += "\\\u2060";
                break;
            default:
                out_ += c;
            }
        }
    }

    void tag(std::string_view tag)
    {
        if (!tag.empty() && tag[0] == '/')
            return close(tag.substr(1));
        const std::string_view head = tag.substr(0, tag.find_first_of(" \t\n"));
        const std::string_view name = head.substr(0, head.find('.'));
        if (open_.size() >= nesting_most)
            return;
        if (name == "b" || name == "i" || name == "u")
            return open(name, flag(name));
        if (name == "rt") {
            out_ += '(';
            open_.push_back({"rt", ")"});
        } else if (name == "c") {
            open_class(head);
        }
    }

    std::string finish()
    {
        while (!open_.empty())
            close(open_.back().name);
        return std::move(out_);
    }

private:
    static int &count_of(std::array<int, 3> &counts, std::string_view name)
    {
        return counts[name == "b" ? 0 : name == "i" ? 1 : 2];
    }
    static std::string flag(std::string_view name) { return "{\\" + std::string(name) + "1}"; }

    void open(std::string_view name, const std::string &says)
    {
        const bool first = count_of(counts_, name)++ == 0;
        if (first)
            out_ += says;
        open_.push_back({std::string(name), ""});
    }

    void open_class(std::string_view head)
    {
        const std::string before = colour_;
        for (auto rest = head; rest.find('.') != std::string_view::npos;) {
            rest.remove_prefix(rest.find('.') + 1);
            if (const Named *colour = find(colours, rest.substr(0, rest.find('.'))))
                colour_ = "{\\c&H" + std::string(colour->value) + "&}";
        }
        if (colour_ != before)
            out_ += colour_;
        open_.push_back({"c", before});
    }

    // What was opened after it is closed as well. A stray end is nothing.
    void close(std::string_view name)
    {
        const auto match =
            std::find_if(open_.rbegin(), open_.rend(), [name](const Open &o) { return o.name == name; });
        if (match == open_.rend())
            return;
        for (auto left = match - open_.rbegin() + 1; left > 0; left--) {
            const Open last = std::move(open_.back());
            open_.pop_back();
            if (last.name == "rt") {
                out_ += ')';
            } else if (last.name == "c") {
                if (colour_ != last.undo)
                    out_ += last.undo.empty() ? "{\\c}" : last.undo;
                colour_ = last.undo;
            } else if (--count_of(counts_, last.name) == 0) {
                out_ += "{\\" + last.name + "0}";
            }
        }
    }

    std::string out_, colour_;
    std::array<int, 3> counts_{};
    std::vector<Open> open_;
};

// Calls `use` with each letter that is seen; a byte that is no UTF-8 counts as one.
template <typename Use> void each_letter(std::string_view cue_text, Use use)
{
    walk(
        cue_text,
        [&use](std::string_view part) {
            while (!part.empty()) {
                const gunichar letter =
                    g_utf8_get_char_validated(part.data(), static_cast<gssize>(part.size()));
                const bool valid = letter <= 0x10FFFF;
                use(valid ? letter : gunichar{'?'});
                const auto size = valid ? static_cast<std::size_t>(g_unichar_to_utf8(letter, nullptr)) : 1;
                part.remove_prefix(std::min(size, part.size()));
            }
        },
        [](std::string_view) {});
}

// A number in percent, or a line number; nothing else after it but a comma.
bool number_of(std::string_view text, double &number, bool &percent)
{
    const std::string copy(text.substr(0, std::min<std::size_t>(text.find(','), 24)));
    gchar *end = nullptr;
    if (copy.find_first_not_of("0123456789.-%") != std::string::npos)
        return false;
    number = g_ascii_strtod(copy.c_str(), &end);
    percent = std::string_view(end) == "%";
    return end != copy.c_str() && (percent || *end == 0) && number >= -1000 && number <= 1000 &&
           (!percent || (number >= 0 && number <= 100));
}

struct Settings {
    double line = 0, position = 50, size = 100;
    bool has_line = false, line_percent = false, has_position = false;
    std::string_view align = "center", position_align;
};

Settings read_settings(std::string_view text)
{
    Settings settings;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t\n\f\r"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto colon = word.find(':');
        if (colon == std::string_view::npos)
            continue;
        const std::string_view name = word.substr(0, colon), value = word.substr(colon + 1);
        double number = 0;
        bool percent = false;
        if (name == "align") {
            settings.align = value == "middle" ? "center" : value; // what older files say
        } else if (!number_of(value, number, percent)) {
            continue;
        } else if (name == "line") {
            settings.line = number;
            settings.line_percent = percent;
            settings.has_line = true;
        } else if (name == "size" && percent) {
            settings.size = number;
        } else if (name == "position" && percent) {
            settings.position = number;
            settings.has_position = true;
            const auto comma = value.find(',');
            settings.position_align = comma == std::string_view::npos ? "" : value.substr(comma + 1);
        }
    }
    return settings;
}

} // namespace

std::string ass_text(std::string_view cue_text)
{
    Writer writer;
    walk(
        cue_text, [&writer](std::string_view text) { writer.text(text); },
        [&writer](std::string_view tag) { writer.tag(tag); });
    return writer.finish();
}

unsigned lines_of(std::string_view cue_text, unsigned columns)
{
    unsigned lines = 1, column = 0;
    each_letter(cue_text, [&](gunichar letter) {
        if (letter == '\n') {
            lines++;
            column = 0;
            return;
        }
        column += g_unichar_iszerowidth(letter) ? 0 : g_unichar_iswide(letter) ? 2 : 1;
        if (column > columns) {
            lines++;
            column = 1;
        }
    });
    return lines;
}

bool runs_right_to_left(std::string_view cue_text)
{
    int direction = 0;
    each_letter(cue_text, [&direction](gunichar letter) {
        if (direction || !g_unichar_isalpha(letter))
            return;
        const bool rtl = (letter >= 0x0590 && letter < 0x0900) || (letter >= 0xFB1D && letter < 0xFE00) ||
                         (letter >= 0xFE70 && letter < 0xFF00);
        direction = rtl ? -1 : 1;
    });
    return direction < 0;
}

CuePlace place_of(std::string_view text, const ScriptCanvas &canvas, unsigned lines, bool right_to_left)
{
    const Settings settings = read_settings(text);
    CuePlace place;
    // -1 left, 0 centre, 1 right
    int side = 0;
    if (settings.align == "left" || settings.align == (right_to_left ? "end" : "start"))
        side = -1;
    else if (settings.align == "right" || settings.align == (right_to_left ? "start" : "end"))
        side = 1;
    double position = settings.has_position ? settings.position : side < 0 ? 0 : side > 0 ? 100 : 50;
    int anchor = side;
    if (settings.position_align == "line-left")
        anchor = -1;
    else if (settings.position_align == "center")
        anchor = 0;
    else if (settings.position_align == "line-right")
        anchor = 1;
    // W3C WebVTT, 7.2: no wider than what there is on the sides of the position.
    const double room = anchor < 0   ? 100 - position
                        : anchor > 0 ? position
                                     : 2 * std::min(position, 100 - position);
    const double size = std::min(settings.size, room);
    const double left = anchor < 0 ? position : anchor > 0 ? position - size : position - size / 2;
    // A box too narrow for a word would break each: those get what they need around their middle.
    const double wanted = std::max(size, 20.0),
                 from = std::clamp(left - (wanted - size) / 2, 0.0, 100 - wanted);
    place.left = std::max(canvas.side_margin, static_cast<unsigned>(from / 100 * canvas.width));
    place.right =
        std::max(canvas.side_margin, static_cast<unsigned>((100 - from - wanted) / 100 * canvas.width));
    place.alignment = 2 + side;
    if (!settings.has_line)
        return place;
    const double high = canvas.line_height * lines;
    double top = settings.line_percent ? settings.line / 100 * canvas.height
                 : settings.line >= 0
                     ? canvas.vertical_margin + settings.line * canvas.line_height
                     : canvas.height - canvas.vertical_margin + settings.line * canvas.line_height;
    top = std::max(0.0, std::min(top, canvas.height - high - canvas.vertical_margin));
    // From the nearer edge, so that a wrong guess of the height moves the text into the picture, not out of
    // it.
    const bool above = top + high / 2 < canvas.height / 2.0;
    place.alignment += above ? 6 : 0;
    const double margin = above ? top : canvas.height - top - high;
    place.vertical = std::max(canvas.vertical_margin, static_cast<unsigned>(std::max(0.0, margin)));
    return place;
}

} // namespace butaca::pipelines
