// SPDX-License-Identifier: LGPL-2.1-or-later
// XML documents as text (XML 1.0), one element a line. There is no reader: nothing of ours takes XML from
// outside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace butaca {

// Writes a document from its first element to its last. Names are our own words and are written as they are;
// values may come from anywhere: markup in them is escaped, what XML cannot hold is replaced (2.2).
class XmlWriter {
public:
    XmlWriter &begin(std::string_view name);
    // Of the element that was begun last, before anything stands in it.
    XmlWriter &attribute(std::string_view name, std::string_view value);
    XmlWriter &attribute(std::string_view name, std::uint64_t value);
    XmlWriter &end();
    // An element that holds text alone.
    XmlWriter &element(std::string_view name, std::string_view text);

    // The document; every element that was begun must have been ended.
    std::string take();

private:
    void close_tag();

    std::string out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    std::vector<std::string> open_;
    bool tag_open_ = false; // the last start tag still takes attributes
};

} // namespace butaca
