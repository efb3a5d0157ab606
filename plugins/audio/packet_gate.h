// SPDX-License-Identifier: LGPL-2.1-or-later
// What surrounds the encoder inside audiocompress: exactly which samples go in, exactly which packets come
// out, and when they are said to start. Lives on the streaming thread.
#pragma once

#include <cstdint>

#include <gst/audio/audio.h>
#include <gst/gst.h>

#include "src/base/gst.h"

namespace butaca::audio {

// Everything is counted in samples and packets; times are derived from the counts, never the other way round.
class PacketGate {
public:
    struct Plan {
        int rate = 0;
        int frame_samples = 0;
        int lead_samples = 0;           // silence before the first sample
        int delay_samples = 0;          // the lead included; a whole number of packets
        std::uint64_t skip_samples = 0; // dropped from the start of the input
        std::uint64_t skip_packets = 0;
        std::uint64_t max_packets = 0; // 0: no limit
        std::uint64_t first_packet = 0;
    };

    // Watches what goes into `encoder` and what comes out of `last`. The object must outlive both elements'
    // pads.
    PacketGate(GstElement *encoder, GstElement *last);
    PacketGate(const PacketGate &) = delete;
    PacketGate &operator=(const PacketGate &) = delete;

    // To be called before the first sample arrives.
    void set_plan(const Plan &plan) { plan_ = plan; }

private:
    static GstPadProbeReturn raw_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept;
    static GstPadProbeReturn packet_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept;
    GstPadProbeReturn on_raw_buffer(GstPadProbeInfo *info);
    void on_raw_event(GstPad *pad, GstEvent *event);
    GstPadProbeReturn on_packet(GstPadProbeInfo *info);
    void on_packet_event(GstPadProbeInfo *info);
    void push_tail(GstPad *pad);
    Owned<GstBuffer> silence(std::uint64_t samples) const;
    GstClockTime time_of(std::uint64_t packet) const;
    void reset();

    Plan plan_;
    std::uint64_t bytes_per_sample_ = 0; // of all channels together
    std::uint64_t samples_seen_ = 0;     // from upstream
    std::uint64_t samples_in_ = 0;       // given to the encoder, the lead included
    std::uint64_t packets_seen_ = 0;
    std::uint64_t packets_wanted_ =
        UINT64_MAX; // known at the end: what the encoder's own flush adds is dropped
    bool pushing_tail_ = false;
};

} // namespace butaca::audio
