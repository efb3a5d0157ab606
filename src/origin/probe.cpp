// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/probe.h"

#include <algorithm>
#include <chrono>

#include <sys/stat.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/media/timeline.h"
#include "src/origin/assemble.h"
#include "src/origin/chapters/mp4.h"
#include "src/origin/collect.h"

namespace butaca::origin {

namespace {

// One pipeline over one file: filesrc ! (tag demuxers) ! demuxer, and per pad parser ! capsfilter ! fakesink.
class Run {
public:
    Run(int fd, const Container &container, const ProbeSettings &settings, bool with_parsers)
        : container_(container), settings_(settings), with_parsers_(with_parsers),
          collector_(container, settings.packets_most), path_("/proc/self/fd/" + std::to_string(fd))
    {
    }
    ~Run()
    {
        if (pipeline_)
            gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    // Plays to the end. The words of the first error, empty when there was none.
    std::string play();
    Collector &collector() { return collector_; }

private:
    bool build();
    void add_pad(GstPad *pad);
    GstElement *add(const char *factory);
    GstPad *attach_parser(TrackRun *run, GstPad *pad, const GstCaps *caps);
    std::string wait();

    const Container container_;
    const ProbeSettings &settings_;
    const bool with_parsers_;
    Collector collector_;
    std::string path_;
    Owned<GstElement> pipeline_;
};

GstElement *Run::add(const char *factory)
{
    GstElement *element = gst_element_factory_make(factory, nullptr);
    if (element)
        gst_bin_add(GST_BIN(pipeline_.get()), element);
    return element;
}

bool Run::build()
{
    pipeline_ = sink(gst_pipeline_new(nullptr));
    GstElement *previous = add("filesrc");
    if (!previous)
        return false;
    g_object_set(previous, "location", path_.c_str(), nullptr);
    std::vector<std::string> chain = container_.wrappers;
    chain.push_back(container_.demuxer);
    for (const std::string &factory : chain) {
        GstElement *element = add(factory.c_str());
        if (!element || !gst_element_link(previous, element))
            return false;
        previous = element;
    }
    g_signal_connect(previous, "pad-added",
                     G_CALLBACK(+[](GstElement *, GstPad *pad, gpointer self) noexcept {
                         static_cast<Run *>(self)->add_pad(pad);
                     }),
                     this);
    Owned<GstPad> ready = adopt(gst_element_get_static_pad(previous, "src"));
    if (ready)
        add_pad(ready.get());
    return true;
}

// Puts the parser for `caps` behind `pad`; the last source pad of the chain.
GstPad *Run::attach_parser(TrackRun *run, GstPad *pad, const GstCaps *caps)
{
    ParserChoice choice = container_.bare || !with_parsers_ ? ParserChoice{} : parser_for(caps);
    GstElement *parser = choice.element.empty() ? nullptr : add(choice.element.c_str());
    GstElement *filter = parser ? add("capsfilter") : nullptr;
    if (!filter)
        return GST_PAD(gst_object_ref(pad));
    Owned<GstCaps> output = adopt(gst_caps_from_string(choice.output_caps.c_str()));
    g_object_set(filter, "caps", output.get(), nullptr);
    Owned<GstPad> entry = adopt(gst_element_get_static_pad(parser, "sink"));
    run->has_parser = gst_element_link(parser, filter) && gst_pad_link(pad, entry.get()) == GST_PAD_LINK_OK;
    gst_element_sync_state_with_parent(filter);
    gst_element_sync_state_with_parent(parser);
    return gst_element_get_static_pad(run->has_parser ? filter : parser, "src");
}

void Run::add_pad(GstPad *pad)
{
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    Owned<GstCaps> caps = adopt(gst_pad_get_current_caps(pad));
    TrackRun *run = collector_.begin_track(pad, caps.get());
    if (!container_.bare)
        collector_.listen(run, pad, false);
    Owned<GstPad> last = adopt(caps ? attach_parser(run, pad, caps.get()) : GST_PAD(gst_object_ref(pad)));
    if (run->has_parser || container_.bare)
        collector_.listen(run, last.get(), true);
    GstElement *end = add("fakesink");
    g_object_set(end, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
    Owned<GstPad> entry = adopt(gst_element_get_static_pad(end, "sink"));
    gst_pad_link_full(last.get(), entry.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_element_sync_state_with_parent(end);
}

// Until the end, an error, or no packet for too long.
std::string Run::wait()
{
    Owned<GstBus> bus = adopt(gst_element_get_bus(pipeline_.get()));
    using Clock = std::chrono::steady_clock;
    auto last_progress = Clock::now();
    std::uint64_t last_packets = 0;
    while (true) {
        Owned<GstMessage> message = adopt(gst_bus_timed_pop_filtered(
            bus.get(), 200 * GST_MSECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
        if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS)
            return {};
        if (message) {
            Owned<GError> error;
            Owned<char> debug;
            gst_message_parse_error(message.get(), Out(error), Out(debug));
            log::debug("probe.error", {{"message", error->message}, {"debug", debug.get()}});
            return error->message;
        }
        if (collector_.too_many())
            return "the file holds too many packets";
        std::uint64_t packets = collector_.packets();
        if (packets != last_packets) {
            last_packets = packets;
            last_progress = Clock::now();
            if (settings_.progress)
                settings_.progress();
        } else if (Clock::now() - last_progress > std::chrono::milliseconds(settings_.stall_limit_ms)) {
            return "reading the file stopped half-way";
        }
    }
}

std::string Run::play()
{
    if (!build())
        return "a GStreamer element for this type of file is not installed: " + container_.demuxer;
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    std::string error = wait();
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    return error;
}

ReadAt reader_of(int fd)
{
    return [fd](std::uint64_t offset, std::size_t bytes) {
        std::string text(bytes, '\0');
        const ssize_t got = pread(fd, text.data(), bytes, static_cast<off_t>(offset));
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    };
}

// On the presentation's axis, fit to be shown.
void add_chapters(ProbeResult &result, std::vector<media::Chapter> chapters)
{
    const std::int64_t zero_ns = media::presentation_zero_ns(result.index);
    for (media::Chapter &chapter : chapters) {
        chapter.start_ns -= zero_ns;
        chapter.end_ns -= zero_ns;
    }
    auto mended = media::mend_chapters(std::move(chapters), result.asset.duration_ns);
    if (mended.mended + mended.dropped > 0)
        log::info("probe.chapters",
                  {{"kept", mended.chapters.size()}, {"mended", mended.mended}, {"dropped", mended.dropped}});
    result.asset.chapters = std::move(mended.chapters);
}

ProbeResult broken(const std::string &reason)
{
    ProbeResult result;
    result.asset.broken = true;
    result.asset.reason = reason;
    return result;
}

} // namespace

ProbeResult probe(int fd, const ProbeSettings &settings)
{
    struct stat status {};
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return broken("this is no regular file");
    if (status.st_size == 0)
        return broken("the file is empty");
    Result<Container> container = identify(fd, static_cast<std::uint64_t>(status.st_size));
    if (!container)
        return broken(container.error().message);
    auto examine = [&](bool with_parsers, std::string &error) {
        Run run(fd, *container, settings, with_parsers);
        error = run.play();
        ProbeResult result = assemble(run.collector(), *container, error);
        add_chapters(result, container->demuxer == "qtdemux"
                                 ? mp4_chapters(reader_of(fd), static_cast<std::uint64_t>(status.st_size))
                                 : run.collector().chapters());
        return result;
    };
    std::string error;
    ProbeResult result = examine(true, error);
    if (!result.asset.broken || error.empty())
        return result;
    // A parser that chokes stops every track: once more without.
    ProbeResult second = examine(false, error);
    return second.asset.broken ? std::move(result) : std::move(second);
}

} // namespace butaca::origin
