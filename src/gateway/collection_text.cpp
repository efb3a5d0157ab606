// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/collection_text.h"

#include <algorithm>

#include "src/base/xml_writer.h"

namespace butaca::gateway {

namespace {

std::string one_line(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text;
}

} // namespace

std::string to_m3u8(const Collection &collection)
{
    std::string out = "#EXTM3U\n";
    if (!collection.title.empty())
        out += "#PLAYLIST:" + one_line(collection.title) + "\n";
    for (const auto &entry : collection.entries) {
        // Whole seconds, as all players read them; the artist before a dash, as most show it.
        out += "#EXTINF:" + std::to_string((entry.duration_ms + 500) / 1000) + ",";
        if (!entry.artist.empty())
            out += one_line(entry.artist) + " - ";
        out += one_line(entry.title) + "\n" + entry.url + "\n";
    }
    return out;
}

std::string to_xspf(const Collection &collection)
{
    XmlWriter xml;
    xml.begin("playlist").attribute("version", 1).attribute("xmlns", "http://xspf.org/ns/0/");
    if (!collection.title.empty())
        xml.element("title", collection.title);
    xml.begin("trackList");
    for (const auto &entry : collection.entries) {
        xml.begin("track").element("location", entry.url).element("title", entry.title);
        if (!entry.artist.empty())
            xml.element("creator", entry.artist);
        if (!entry.album.empty())
            xml.element("album", entry.album);
        if (entry.track > 0)
            xml.element("trackNum", std::to_string(entry.track));
        if (entry.duration_ms > 0)
            xml.element("duration", std::to_string(entry.duration_ms));
        xml.end();
    }
    xml.end().end();
    return xml.take();
}

} // namespace butaca::gateway
