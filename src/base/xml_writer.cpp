// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/base/xml_writer.h"

#include <utility>

#include "src/base/gobject.h"

namespace butaca {

namespace {

// XML 1.0, 2.2: of the control characters a document may hold these alone, not even as references; and no
// noncharacters of the first plane.
bool allowed(gunichar c)
{
    return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

void append_escaped(std::string &out, std::string_view text)
{
    // A NUL, too, becomes the replacement character here.
    auto valid = adopt(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    for (const char *at = valid.get(); *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        // As they are, a reader makes blanks of them in attributes (3.3.3).
        case '\t':
            out += "&#9;";
            break;
        case '\n':
            out += "&#10;";
            break;
        case '\r':
            out += "&#13;";
            break;
        default:
            if (allowed(c))
                out.append(at, static_cast<const char *>(g_utf8_next_char(at)));
            else
                out += "\xef\xbf\xbd";
        }
    }
}

} // namespace

void XmlWriter::close_tag()
{
    if (std::exchange(tag_open_, false))
        out_ += ">\n";
}

XmlWriter &XmlWriter::begin(std::string_view name)
{
    close_tag();
    out_.append(2 * open_.size(), ' ').append("<").append(name);
    open_.emplace_back(name);
    tag_open_ = true;
    return *this;
}

XmlWriter &XmlWriter::attribute(std::string_view name, std::string_view value)
{
    g_assert(tag_open_);
    out_.append(" ").append(name).append("=\"");
    append_escaped(out_, value);
    out_ += '"';
    return *this;
}

XmlWriter &XmlWriter::attribute(std::string_view name, std::uint64_t value)
{
    return attribute(name, std::to_string(value));
}

XmlWriter &XmlWriter::end()
{
    g_assert(!open_.empty());
    std::string name = std::move(open_.back());
    open_.pop_back();
    if (std::exchange(tag_open_, false))
        out_ += "/>\n";
    else
        out_.append(2 * open_.size(), ' ').append("</").append(name).append(">\n");
    return *this;
}

XmlWriter &XmlWriter::element(std::string_view name, std::string_view text)
{
    close_tag();
    out_.append(2 * open_.size(), ' ').append("<").append(name).append(">");
    append_escaped(out_, text);
    out_.append("</").append(name).append(">\n");
    return *this;
}

std::string XmlWriter::take()
{
    g_assert(open_.empty());
    return std::move(out_);
}

} // namespace butaca
