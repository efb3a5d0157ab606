// SPDX-License-Identifier: LGPL-2.1-or-later
// GStreamer has to be up before the first test that makes an element.
#include <gst/gst.h>
#include <gtest/gtest.h>

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    gst_init(nullptr, nullptr);
    return RUN_ALL_TESTS();
}
