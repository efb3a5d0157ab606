// SPDX-License-Identifier: LGPL-2.1-or-later
// vssrc or assrc on its own, read the way a demuxer reads.
#pragma once

#include <cstdint>
#include <string>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "src/base/gst.h"
#include "tests/support/faulty_origin.h"

namespace butaca::test {

// Reads all of `origin`, with short patience.
inline Owned<GstElement> make_source(const FaultyOrigin &origin, const char *factory = "vssrc")
{
    Owned<GstElement> element = sink(gst_element_factory_make(factory, nullptr));
    std::string scheme(factory, 2);
    g_object_set(element.get(), "location", origin.location(scheme).c_str(), "ticket", "t1cket",
                 "read-timeout-ms", 300u, "backoff-ms", 1u, "block-size-bytes", 65536u, nullptr);
    return element;
}

// With its pad in pull mode, and a bus for its errors.
class Pulled {
public:
    explicit Pulled(Owned<GstElement> element)
        : element_(std::move(element)), pad_(adopt(gst_element_get_static_pad(element_.get(), "src"))),
          bus_(adopt(gst_bus_new()))
    {
        gst_element_set_bus(element_.get(), bus_.get());
        gst_element_set_state(element_.get(), GST_STATE_READY);
        EXPECT_TRUE(gst_pad_activate_mode(pad_.get(), GST_PAD_MODE_PULL, TRUE));
        EXPECT_EQ(gst_element_set_state(element_.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
    }
    ~Pulled() { stop(); }
    void stop()
    {
        gst_pad_activate_mode(pad_.get(), GST_PAD_MODE_PULL, FALSE);
        gst_element_set_state(element_.get(), GST_STATE_NULL);
        gst_element_set_bus(element_.get(), nullptr);
    }
    GstFlowReturn read(std::uint64_t offset, guint size_bytes, std::string &into)
    {
        Owned<GstBuffer> buffer;
        GstFlowReturn flow = gst_pad_get_range(pad_.get(), offset, size_bytes, Out(buffer));
        into.clear();
        if (flow == GST_FLOW_OK && buffer) {
            MappedBuffer map(buffer.get());
            into.assign(reinterpret_cast<const char *>(map.bytes().data()), map.bytes().size());
        }
        return flow;
    }
    GstElement *element() { return element_.get(); }
    GstPad *pad() { return pad_.get(); }
    Owned<GstMessage> error() { return adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR)); }

private:
    Owned<GstElement> element_;
    Owned<GstPad> pad_;
    Owned<GstBus> bus_;
};

} // namespace butaca::test
