// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/ass_script.h"

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <unordered_set>
#include <utility>

#include <ass/ass.h>
#include <glib.h>

#include "plugins/subtitle/moments.h"

namespace butaca::subtitle {

namespace {

// What a text falls back to; scripts/deps installs it.
constexpr const char *default_family = "Noto Sans";
constexpr int bitmaps_most_mib = 96, glyphs_most = 4000;
constexpr int message_error = 1, message_warning = 2; // of libass's levels

struct LibraryDone {
    void operator()(ASS_Library *library) const { ass_library_done(library); }
};
struct RendererDone {
    void operator()(ASS_Renderer *renderer) const { ass_renderer_done(renderer); }
};
struct TrackFree {
    void operator()(ASS_Track *track) const { ass_free_track(track); }
};

struct Event {
    Span span;
    int read_order, layer, style, left, right, vertical;
    std::string name, effect, text;
    bool moves; // its picture may change while it lasts
};

std::string text_of(const char *text) { return text ? text : ""; }

bool may_move(const Event &event)
{
    if (!event.effect.empty())
        return true;
    for (const char *tag : {"\\t", "\\move", "\\fad", "\\k", "\\K"})
        if (event.text.find(tag) != std::string::npos)
            return true;
    return false;
}

Event copy_of(const ASS_Event &from)
{
    // A century bounds both, so that sums of them stay far from overflow.
    constexpr long long longest_ms = 100LL * 366 * 24 * 3600 * 1000;
    const long long start = std::clamp(from.Start, -longest_ms, longest_ms);
    const long long duration = std::clamp(from.Duration, 0LL, longest_ms);
    Event event{{start, start + duration},
                from.ReadOrder,
                from.Layer,
                from.Style,
                from.MarginL,
                from.MarginR,
                from.MarginV,
                text_of(from.Name),
                text_of(from.Effect),
                text_of(from.Text),
                false};
    event.moves = may_move(event);
    return event;
}

} // namespace

std::string libass_version()
{
    const auto version = static_cast<unsigned>(ass_library_version());
    char text[32];
    // 0xMmnnpprr, of which the parts are written in hexadecimal digits (ass.h, LIBASS_VERSION).
    g_snprintf(text, sizeof text, "libass %x.%x.%x", version >> 28, version >> 20 & 255, version >> 12 & 255);
    return text;
}

struct AssScript::Impl {
    std::unique_ptr<ASS_Library, LibraryDone> library;
    std::unique_ptr<ASS_Track, TrackFree> track;
    std::unique_ptr<ASS_Renderer, RendererDone> renderer;
    std::vector<Event> events;            // by start
    std::vector<std::int64_t> latest_end; // of the events up to and with each
    Moments moments;
    std::string complaint;
    bool knows_fonts = false;

    static void on_message(int level, const char *format, va_list arguments, void *self)
    {
        if (level > message_warning)
            return;
        char text[256];
        g_vsnprintf(text, sizeof text, format, arguments);
        auto &impl = *static_cast<Impl *>(self);
        // Only what is about fonts: it also warns about every unknown line of a script.
        const bool fonts = std::strstr(text, "font") || std::strstr(text, "glyph");
        if (fonts &&
            (level <= message_error || std::strstr(text, "fallback") || std::strstr(text, "not found")) &&
            impl.complaint.empty())
            impl.complaint = text;
    }

    void add(const Event &event)
    {
        const int id = ass_alloc_event(track.get());
        if (id < 0)
            return;
        ASS_Event &to = track->events[id];
        to.Start = event.span.start;
        to.Duration = event.span.end - event.span.start;
        to.ReadOrder = event.read_order;
        to.Layer = event.layer;
        to.Style = event.style;
        to.MarginL = event.left;
        to.MarginR = event.right;
        to.MarginV = event.vertical;
        // libass frees them itself, with free().
        to.Name = strdup(event.name.c_str());
        to.Effect = strdup(event.effect.c_str());
        to.Text = strdup(event.text.c_str());
    }

    ASS_Image *draw(std::int64_t time_ms)
    {
        return ass_render_frame(renderer.get(), track.get(), time_ms, nullptr);
    }

    // Calls `use` with each event that shows between two times, the last included.
    template <typename Use> void each_between(std::int64_t from, std::int64_t to, Use use) const
    {
        const auto begin = static_cast<std::size_t>(
            std::upper_bound(latest_end.begin(), latest_end.end(), from) - latest_end.begin());
        for (std::size_t i = begin; i < events.size() && events[i].span.start <= to; i++)
            if (events[i].span.end > from)
                use(events[i]);
    }

    // Shows the first event of each style that has a new character, and each whose tags may change the font.
    void show_all_characters()
    {
        std::unordered_set<std::uint64_t> seen;
        std::unordered_set<std::string> seen_tagged;
        for (const Event &event : events) {
            bool fresh = false;
            for (const char *tag : {"\\fn", "\\b", "\\i", "\\r"})
                if (event.text.find(tag) != std::string::npos)
                    fresh = fresh || seen_tagged.insert(std::to_string(event.style) + event.text).second;
            for (const char *at = event.text.c_str(); *at;) {
                const gunichar letter = g_utf8_get_char_validated(at, -1);
                fresh = seen.insert(static_cast<std::uint64_t>(event.style) << 32 | letter).second || fresh;
                at = letter <= 0x10FFFF ? g_utf8_next_char(at) : at + 1;
            }
            if (!fresh)
                continue;
            ass_flush_events(track.get());
            add(event);
            draw(event.span.start);
        }
        knows_fonts = true;
    }
};

AssScript::AssScript(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AssScript::~AssScript() = default;

std::unique_ptr<AssScript> AssScript::make(std::string_view document, std::string &why)
{
    if (document.size() > script_bytes_most) {
        why = "the script is larger than 48 MiB";
        return nullptr;
    }
    if (document.find('\0') != std::string_view::npos ||
        !g_utf8_validate_len(document.data(), document.size(), nullptr)) {
        why = "the script is not UTF-8";
        return nullptr;
    }
    auto impl = std::make_unique<Impl>();
    impl->library.reset(ass_library_init());
    if (!impl->library) {
        why = "libass does not start";
        return nullptr;
    }
    ass_set_message_cb(impl->library.get(), &Impl::on_message, impl.get());
    ass_set_extract_fonts(impl->library.get(), 1);
    impl->renderer.reset(ass_renderer_init(impl->library.get()));
    std::string copy(document); // libass takes it as not const
    impl->track.reset(ass_read_memory(impl->library.get(), copy.data(), copy.size(), nullptr));
    if (!impl->renderer || !impl->track) {
        why = "this is not an ASS script";
        return nullptr;
    }
    if (impl->track->n_events < 0 || static_cast<std::size_t>(impl->track->n_events) > script_events_most) {
        why = "the script has more than 100000 events";
        return nullptr;
    }
    for (int i = 0; i < impl->track->n_events; i++) {
        Event event = copy_of(impl->track->events[i]);
        if (event.span.end > event.span.start)
            impl->events.push_back(std::move(event));
    }
    std::stable_sort(impl->events.begin(), impl->events.end(),
                     [](const Event &a, const Event &b) { return a.span.start < b.span.start; });
    std::vector<Span> spans;
    for (const Event &event : impl->events) {
        spans.push_back(event.span);
        impl->latest_end.push_back(
            std::max(event.span.end, impl->latest_end.empty() ? event.span.end : impl->latest_end.back()));
    }
    impl->moments = Moments(spans);
    ass_set_cache_limits(impl->renderer.get(), glyphs_most, bitmaps_most_mib);
    ass_set_fonts(impl->renderer.get(), nullptr, default_family, ASS_FONTPROVIDER_FONTCONFIG, nullptr, 1);
    return std::unique_ptr<AssScript>(new AssScript(std::move(impl)));
}

void AssScript::set_frame(int width, int height, double pixel_aspect)
{
    ASS_Renderer *renderer = impl_->renderer.get();
    ass_set_frame_size(renderer, width, height);
    // libass measures blur in pixels of the film that a script was made for. That film is not known here; the
    // script's own lines are the best guess, and make all sizes of a film look alike.
    const int lines = impl_->track->PlayResY > 0 ? std::min(impl_->track->PlayResY, 16384) : 288;
    ass_set_storage_size(renderer, std::max(1, static_cast<int>(1.0 * lines * width / height)), lines);
    // What is drawn becomes wider when shown, so it has to be narrower here.
    ass_set_pixel_aspect(renderer, 1 / pixel_aspect);
}

AssScript::Moment AssScript::moment(std::int64_t time_ms) const
{
    const Moments::Piece piece = impl_->moments.at(time_ms);
    if (!piece.shows)
        return {};
    bool moves = false;
    impl_->each_between(time_ms, time_ms, [&moves](const Event &event) { moves = moves || event.moves; });
    return {true, moves ? time_ms : piece.start};
}

std::vector<Layer> AssScript::layers(Moment moment)
{
    std::vector<Layer> layers;
    const Moments::Piece piece = impl_->moments.at(moment.at_ms);
    if (!moment.shows || !piece.shows)
        return layers;
    if (!impl_->knows_fonts)
        impl_->show_all_characters();
    ass_flush_events(impl_->track.get());
    impl_->each_between(impl_->moments.start_of(piece.first), moment.at_ms,
                        [this](const Event &event) { impl_->add(event); });
    for (std::size_t i = piece.first; i < piece.index; i++)
        impl_->draw(impl_->moments.start_of(i));
    if (moment.at_ms != piece.start)
        impl_->draw(piece.start);
    for (const ASS_Image *image = impl_->draw(moment.at_ms); image; image = image->next) {
        // libass counts transparency, not opacity.
        const std::uint32_t rgba = (image->color & 0xFFFFFF00U) | (255 - (image->color & 255));
        layers.push_back(
            {image->dst_x, image->dst_y, image->w, image->h, image->stride, image->bitmap, false, rgba});
    }
    return layers;
}

std::string AssScript::take_complaint() { return std::exchange(impl_->complaint, {}); }

} // namespace butaca::subtitle
