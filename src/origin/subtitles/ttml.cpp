// SPDX-License-Identifier: LGPL-2.1-or-later
// GMarkup reads the XML: it expands no entities but the five of XML itself, and looks nothing up.
#include "src/origin/subtitles/ttml.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/gobject.h"
#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/lines.h"
#include "src/origin/subtitles/ttml_time.h"

namespace butaca::origin {

namespace {

constexpr std::size_t depth_most = 64;
constexpr std::size_t definitions_most = 4096;
constexpr std::int64_t endless = std::numeric_limits<std::int64_t>::max();

std::string_view local(std::string_view name)
{
    return name.substr(name.rfind(':') + 1); // npos + 1 is 0
}

// An element's attributes without the prefixes of their namespaces.
class Attributes {
public:
    Attributes(const char **names, const char **values)
    {
        for (std::size_t i = 0; names[i]; i++)
            values_[local(names[i])] = values[i];
    }
    std::string_view operator[](std::string_view name) const
    {
        auto found = values_.find(name);
        return found != values_.end() ? found->second : std::string_view();
    }
    bool has(std::string_view name) const { return values_.contains(name); }

private:
    std::map<std::string_view, std::string_view> values_;
};

// What of a style WebVTT can show; unset: as the element around it.
struct Style {
    std::optional<bool> italic;
    std::optional<bool> bold;
    std::optional<bool> underline;
    std::optional<bool> hidden;

    void add(const Style &over)
    {
        italic = over.italic ? over.italic : italic;
        bold = over.bold ? over.bold : bold;
        underline = over.underline ? over.underline : underline;
        hidden = over.hidden ? over.hidden : hidden;
    }
};

Style inline_style(const Attributes &attributes)
{
    Style style;
    if (auto value = attributes["fontStyle"]; !value.empty())
        style.italic = value != "normal";
    if (auto value = attributes["fontWeight"]; !value.empty())
        style.bold = value == "bold";
    if (auto value = attributes["textDecoration"]; !value.empty())
        style.underline = value.find("underline") != std::string_view::npos;
    if (auto value = attributes["display"]; !value.empty())
        style.hidden = value == "none";
    return style;
}

// The second of two percentages ("10% 80%").
std::optional<double> second_percentage(std::string_view text)
{
    auto blank = text.find(' ');
    if (blank == std::string_view::npos || !text.ends_with('%'))
        return std::nullopt;
    double value = ttml_rate(text.substr(blank + 1, text.size() - blank - 2), 0);
    return value <= 100 ? std::optional(value) : std::nullopt;
}

// Text on its way to be a cue: marked up for marked_cue_text().
struct Words {
    std::string text;
    Style open;
    bool blank = true; // whether the last character was one, or a line has just begun

    void mark(const Style &style)
    {
        auto differs = [](auto a, auto b) { return a.value_or(false) != b.value_or(false); };
        if (!differs(style.italic, open.italic) && !differs(style.bold, open.bold) &&
            !differs(style.underline, open.underline))
            return;
        text.append(open.underline.value_or(false) ? "</u>" : "")
            .append(open.bold.value_or(false) ? "</b>" : "")
            .append(open.italic.value_or(false) ? "</i>" : "")
            .append(style.italic.value_or(false) ? "<i>" : "")
            .append(style.bold.value_or(false) ? "<b>" : "")
            .append(style.underline.value_or(false) ? "<u>" : "");
        open = style;
    }
    void add(std::string_view more, bool preserve)
    {
        for (char c : more) {
            bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
            if (!preserve && is_blank && blank)
                continue;
            blank = is_blank;
            if (c == '&' || c == '<' || c == '>')
                text += c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;";
            else
                text += !preserve && is_blank ? ' ' : c;
        }
    }
    void end_line()
    {
        while (text.ends_with(' '))
            text.pop_back();
        text += '\n';
        blank = true;
    }
};

// One document.
class Document {
public:
    Document(media::Subtitles &into, std::int64_t from_ns, std::int64_t until_ns)
        : into_(into), from_ns_(from_ns), until_ns_(until_ns)
    {
    }

    // False when its root is none of TTML's.
    bool read(std::string_view text)
    {
        static constexpr GMarkupParser parser = {
            [](GMarkupParseContext *, const char *name, const char **names, const char **values,
               gpointer self, GError **error) noexcept {
                if (!static_cast<Document *>(self)->begin(local(name), {names, values}))
                    g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "not TTML");
            },
            [](GMarkupParseContext *, const char *, gpointer self, GError **) noexcept {
                static_cast<Document *>(self)->end();
            },
            [](GMarkupParseContext *, const char *piece, gsize size, gpointer self, GError **) noexcept {
                static_cast<Document *>(self)->add({piece, size});
            },
            nullptr,
            nullptr,
        };
        GMarkupParseContext *context =
            g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, this, nullptr);
        Owned<GError> error;
        if (!g_markup_parse_context_parse(context, text.data(), static_cast<gssize>(text.size()),
                                          Out(error)) ||
            !g_markup_parse_context_end_parse(context, Out(error)))
            into_.skipped++;
        g_markup_parse_context_free(context);
        return rooted_;
    }

private:
    struct Frame {
        std::int64_t start_ns = 0;
        std::int64_t end_ns = endless;
        Style style;
        bool preserve = false;
        bool top = false;
        bool wrong = false;         // its time cannot be read, or that of one around it
        bool speaks = false;        // its text is shown
        std::optional<Words> words; // of an element that is a cue
    };

    bool begin(std::string_view name, const Attributes &attributes)
    {
        if (frames_.size() >= depth_most || (frames_.empty() && name != "tt"))
            return false;
        Frame frame;
        if (frames_.empty()) {
            rooted_ = true;
            take_rates(attributes);
        } else {
            const Frame &above = frames_.back();
            frame.start_ns = above.start_ns;
            frame.end_ns = above.end_ns;
            frame.style = above.style;
            frame.preserve = above.preserve;
            frame.top = above.top;
            frame.wrong = above.wrong;
        }
        if (auto space = attributes["space"]; !space.empty())
            frame.preserve = space == "preserve";
        if (name == "style" || name == "region" || name == "initial")
            define(name, attributes);
        else if (name == "br")
            end_line();
        else if (name == "body" || name == "div" || name == "p" || name == "span")
            enter(name, attributes, frame);
        frames_.push_back(std::move(frame));
        return true;
    }

    void take_rates(const Attributes &attributes)
    {
        double frames = ttml_rate(attributes["frameRate"], 30);
        rates_.frames = frames * ttml_multiplier(attributes["frameRateMultiplier"]);
        double ticks = attributes.has("frameRate") ? frames : 1;
        rates_.ticks = ttml_rate(attributes["tickRate"], ticks);
    }

    void define(std::string_view name, const Attributes &attributes)
    {
        std::string id(attributes["id"]);
        if (name == "region") {
            auto from = second_percentage(attributes["origin"]).value_or(100);
            auto height = second_percentage(attributes["extent"]).value_or(100);
            bool top = from + height <= 50 || (attributes["displayAlign"] == "before" && from < 50);
            if (tops_.size() < definitions_most)
                tops_[id] = top;
        } else if (name == "style" && !id.empty() && styles_.size() < definitions_most) {
            styles_[id] = style_of(attributes);
        }
    }

    // Those that it refers to, in their order, then its own.
    Style style_of(const Attributes &attributes) const
    {
        Style style;
        std::string_view names = attributes["style"];
        for (unsigned i = 0; i < 16 && !(names = trimmed(names)).empty(); i++) {
            auto end = std::min(names.find(' '), names.size());
            if (auto known = styles_.find(names.substr(0, end)); known != styles_.end())
                style.add(known->second);
            names.remove_prefix(end);
        }
        style.add(inline_style(attributes));
        return style;
    }

    void enter(std::string_view name, const Attributes &attributes, Frame &frame)
    {
        bool timed = attributes.has("begin") || attributes.has("end") || attributes.has("dur");
        std::int64_t base_ns = frame.start_ns;
        auto time = [&](const char *which) {
            auto value = ttml_time(attributes[which], rates_);
            frame.wrong = frame.wrong || (attributes.has(which) && !value);
            return value;
        };
        frame.start_ns = base_ns + time("begin").value_or(0);
        std::int64_t end_ns = endless;
        if (auto end = time("end"))
            end_ns = base_ns + *end;
        if (auto length = time("dur"))
            end_ns = std::min(end_ns, frame.start_ns + *length);
        frame.wrong = frame.wrong || end_ns <= frame.start_ns;
        frame.end_ns = std::min(frame.end_ns, end_ns);
        frame.style.add(style_of(attributes));
        if (auto region = tops_.find(attributes["region"]); region != tops_.end())
            frame.top = region->second;
        frame.speaks = (name == "p" || name == "span") && !frame.style.hidden.value_or(false);
        if (name == "p" || (name == "span" && timed))
            frame.words.emplace();
    }

    // Where the text of the element under way goes.
    Words *words()
    {
        auto speaker = std::find_if(frames_.rbegin(), frames_.rend(),
                                    [](const Frame &frame) { return frame.words.has_value(); });
        return speaker != frames_.rend() ? &*speaker->words : nullptr;
    }

    void add(std::string_view text)
    {
        if (frames_.empty() || !frames_.back().speaks)
            return;
        Words *target = words();
        if (!target || target->text.size() + text.size() > 4 * media::cue_text_bytes_most)
            return;
        if (text.find_first_not_of(" \t\r\n") != std::string_view::npos)
            target->mark(frames_.back().style);
        target->add(text, frames_.back().preserve);
    }

    void end_line()
    {
        if (Words *target = words(); target && frames_.back().speaks)
            target->end_line();
    }

    void end()
    {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        if (!frame.words)
            return;
        std::string text = marked_cue_text(frame.words->text, false);
        std::int64_t start_ns = std::max(frame.start_ns, from_ns_);
        std::int64_t end_ns = std::min(frame.end_ns, until_ns_);
        // What lies outside of what is around it is never shown, and nothing is wrong with it.
        if (text.empty() || (!frame.wrong && end_ns <= start_ns))
            return;
        if (frame.wrong || end_ns == endless)
            into_.skipped++;
        else
            add_cue(into_, {start_ns, end_ns, std::move(text), frame.top ? "line:0" : "", "", {}});
    }

    media::Subtitles &into_;
    const std::int64_t from_ns_;
    const std::int64_t until_ns_;
    bool rooted_ = false;
    TtmlRates rates_;
    std::map<std::string, Style, std::less<>> styles_;
    std::map<std::string, bool, std::less<>> tops_; // regions
    std::vector<Frame> frames_;
};

} // namespace

bool looks_like_ttml(std::string_view text)
{
    return text.starts_with("<?xml") || text.starts_with("<tt ") || text.starts_with("<tt:tt ") ||
           text.starts_with("<tt>");
}

Result<media::Subtitles> parse_ttml(std::string_view text)
{
    media::Subtitles subtitles;
    if (!Document(subtitles, 0, endless).read(text))
        return fail(ErrorCode::unsupported, "it is XML, but no timed text");
    finish_cues(subtitles);
    return subtitles;
}

void add_ttml_packet(std::string_view text, std::int64_t start_ns, std::int64_t end_ns,
                     media::Subtitles &subtitles)
{
    Document(subtitles, start_ns, end_ns).read(text);
}

} // namespace butaca::origin
