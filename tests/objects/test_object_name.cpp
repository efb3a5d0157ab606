// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/objects/object_name.h"

namespace butaca::objects {

namespace {

TEST(ObjectName, SurvivesTheWayThroughAFileName)
{
    for (std::string key : {"abc/12", "../../etc/passwd", ".hidden", "a.b.c", "é~ %", "a.1.2"}) {
        std::string file = file_name({key, 123, 45});
        EXPECT_EQ(file.find('/'), std::string::npos);
        EXPECT_NE(file[0], '.');
        auto name = parse_file_name(file);
        ASSERT_TRUE(name) << file;
        EXPECT_EQ(name->key, key);
        EXPECT_EQ(name->size_bytes, 123U);
        EXPECT_EQ(name->cost_ms, 45U);
    }
}

TEST(ObjectName, KnowsWhatIsNotOurs)
{
    for (const char *file :
         {"", ".", "..", "...", "a", "a.1", ".1.2", "a.1.x", "a.x.1", "a.1.2.AbC123", "a.1.2.123456",
          "a.01.2", "a.-1.2", "a%2fb.1.2", "%00.1.2", "a.99999999999999999999.1"})
        EXPECT_FALSE(parse_file_name(file)) << file;
}

TEST(ObjectName, LimitsKeys)
{
    EXPECT_FALSE(is_key(""));
    EXPECT_TRUE(is_key(std::string(120, 'a')));
    EXPECT_FALSE(is_key(std::string(121, 'a')));
    EXPECT_FALSE(is_key(std::string(100, '/')));
}

} // namespace

} // namespace butaca::objects
