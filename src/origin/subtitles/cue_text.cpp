// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/cue_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace butaca::origin {

namespace {

constexpr std::size_t tag_bytes_most = 256;
constexpr std::size_t nesting_most = 16;

void escape(std::string &out, char c)
{
    if (c == '&')
        out += "&amp;";
    else if (c == '<')
        out += "&lt;";
    else if (c == '>')
        out += "&gt;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
        out += c;
}

// Entities as they are found in subtitles; they are written anew by escape() where they have to be.
struct Entity {
    std::string_view name;
    std::string_view text;
};
constexpr std::array<Entity, 9> entities = {{{"&amp;", "&"},
                                             {"&lt;", "<"},
                                             {"&gt;", ">"},
                                             {"&quot;", "\""},
                                             {"&apos;", "'"},
                                             {"&#39;", "'"},
                                             {"&nbsp;", "\u00a0"},
                                             {"&lrm;", "\u200e"},
                                             {"&rlm;", "\u200f"}}};

// No line may be empty: it would end the cue.
std::string without_empty_lines(const std::string &text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        std::string_view line(text.data() + at, end - at);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t'))
            line.remove_suffix(1);
        if (!line.empty())
            (out += out.empty() ? "" : "\n") += line;
        at = end + 1;
    }
    return out;
}

struct Tag {
    std::string name; // small letters
    std::string classes;
    std::string annotation;
    bool closes = false;
};

Tag tag_from(std::string_view inside)
{
    Tag tag;
    if (inside.starts_with('/')) {
        tag.closes = true;
        inside.remove_prefix(1);
    }
    auto name_end = std::min(inside.find_first_of(" \t\n."), inside.size());
    for (char c : inside.substr(0, name_end))
        tag.name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    inside.remove_prefix(name_end);
    auto classes_end = std::min(inside.find_first_of(" \t\n"), inside.size());
    tag.classes = inside.substr(0, classes_end);
    inside.remove_prefix(classes_end);
    for (char c : inside)
        if (c == '\n' || c == '\t')
            tag.annotation += ' ';
        else
            escape(tag.annotation, c);
    return tag;
}

bool is_class_list(std::string_view classes)
{
    return std::all_of(classes.begin(), classes.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c >= 0x80;
    });
}

// Writes tags that are ours, and remembers which are open.
class Marker {
public:
    explicit Marker(bool webvtt) : webvtt_(webvtt) {}

    // False when the tag is none of ours and is to be shown.
    bool put(std::string &out, std::string_view inside)
    {
        bool is_time = !inside.empty() && std::isdigit(static_cast<unsigned char>(inside.front()));
        if (is_time)
            return webvtt_ && inside.find_first_not_of("0123456789:.") == std::string_view::npos;
        Tag tag = tag_from(inside);
        if (tag.name == "font" || tag.name == "span")
            return true;
        if (!is_known(tag.name) || !is_class_list(tag.classes))
            return false;
        if (tag.closes) {
            close(out, tag.name);
        } else if (open_.size() < nesting_most) {
            bool annotated = webvtt_ && (tag.name == "v" || tag.name == "lang");
            out += "<" + tag.name + (webvtt_ ? tag.classes : "") + (annotated ? tag.annotation : "") + ">";
            open_.push_back(tag.name);
        }
        return true;
    }
    void finish(std::string &out)
    {
        while (!open_.empty())
            pop(out);
    }

private:
    bool is_known(std::string_view name) const
    {
        return name == "b" || name == "i" || name == "u" ||
               (webvtt_ && (name == "ruby" || name == "rt" || name == "v" || name == "lang" || name == "c"));
    }
    void pop(std::string &out)
    {
        out += "</" + open_.back() + ">";
        open_.pop_back();
    }
    // What was opened after it closes with it; a tag that closes nothing is nothing.
    void close(std::string &out, const std::string &name)
    {
        if (std::find(open_.begin(), open_.end(), name) == open_.end())
            return;
        while (open_.back() != name)
            pop(out);
        pop(out);
    }

    bool webvtt_;
    std::vector<std::string> open_;
};

} // namespace

std::string plain_cue_text(std::string_view text)
{
    std::string out;
    for (char c : text)
        escape(out, c);
    return without_empty_lines(out);
}

std::string marked_cue_text(std::string_view text, bool webvtt)
{
    // Tags that are still open close where the words end.
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    std::string out;
    Marker marker(webvtt);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '<') {
            auto end = text.substr(at, tag_bytes_most).find('>');
            if (end != std::string_view::npos && marker.put(out, text.substr(at + 1, end - 1))) {
                at += end + 1;
                continue;
            }
        } else if (text[at] == '&') {
            auto known = std::find_if(entities.begin(), entities.end(), [&](const Entity &entity) {
                return text.substr(at).starts_with(entity.name);
            });
            if (known != entities.end()) {
                for (char c : known->text)
                    escape(out, c);
                at += known->name.size();
                continue;
            }
        }
        escape(out, text[at++]);
    }
    marker.finish(out);
    return without_empty_lines(out);
}

} // namespace butaca::origin
