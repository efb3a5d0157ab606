// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/objects/folder_index.h"

namespace butaca::objects {

namespace {

TEST(FolderIndex, GivesUpTheLeastRecentlyUsedOfEqualOnes)
{
    FolderIndex index;
    for (const char *key : {"a", "b", "c"})
        EXPECT_TRUE(index.add({key, 1000, 10}));
    EXPECT_FALSE(index.add({"a", 1, 1}));
    index.touch("a");
    EXPECT_EQ(index.evict()->key, "b");
    EXPECT_EQ(index.evict()->key, "c");
    EXPECT_EQ(index.evict()->key, "a");
    EXPECT_FALSE(index.evict());
}

TEST(FolderIndex, SparesWhatIsDearToMakeButNotForEver)
{
    FolderIndex index;
    index.add({"dear", 1000, 1000});
    index.add({"cheap", 1000, 1});
    EXPECT_EQ(index.evict()->key, "cheap");
    int spared = 0;
    for (; index.find("dear") && spared < 100; ++spared) {
        index.add({std::to_string(spared), 1000, 1});
        index.evict();
    }
    EXPECT_GT(spared, 3);
    EXPECT_LT(spared, 100);
}

} // namespace

} // namespace butaca::objects
