// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/base/xml_writer.h"

using butaca::XmlWriter;

namespace {

constexpr const char *head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

}

TEST(XmlWriter, NestsElementsAndClosesEmptyOnesAtOnce)
{
    XmlWriter writer;
    writer.begin("a").attribute("n", 7).begin("b").end().element("c", "text").end();
    EXPECT_EQ(writer.take(), std::string(head) + "<a n=\"7\">\n  <b/>\n  <c>text</c>\n</a>\n");
}

TEST(XmlWriter, LetsNoValueBecomeMarkup)
{
    XmlWriter writer;
    writer.begin("a").attribute("n", "\"/><b>&\n").element("c", "</c>").end();
    EXPECT_EQ(writer.take(),
              std::string(head) + "<a n=\"&quot;/&gt;&lt;b&gt;&amp;&#10;\">\n  <c>&lt;/c&gt;</c>\n</a>\n");
}

TEST(XmlWriter, ReplacesWhatNoDocumentMayHold)
{
    XmlWriter writer;
    writer.element("a", std::string_view("x\0\x01\xff\xef\xbf\xbfy", 8));
    EXPECT_EQ(writer.take(),
              std::string(head) + "<a>x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy</a>\n");
}

TEST(XmlWriter, KeepsLettersOfAllScripts)
{
    XmlWriter writer;
    writer.element("a", "Película 映画 🎬");
    EXPECT_EQ(writer.take(), std::string(head) + "<a>Película 映画 🎬</a>\n");
}
