// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/codec/library.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include <elf.h>
#include <gst/pbutils/pbutils.h>
#include <link.h>

GST_DEBUG_CATEGORY_STATIC(butaca_codec_debug);
#define GST_CAT_DEFAULT butaca_codec_debug

namespace butaca::codec {

namespace {

struct Search {
    std::string_view prefix;
    std::string found;
};

void init_debug()
{
    static const bool once = [] {
        GST_DEBUG_CATEGORY_INIT(butaca_codec_debug, "butacacodec", 0, "Butaca's choice of encoders");
        return true;
    }();
    (void)once;
}

std::string hex(std::span<const std::uint8_t> bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// The linker's own fingerprint of a library, read from its mapped notes; empty when it was linked without
// one.
std::string build_id(const dl_phdr_info &library)
{
    for (int i = 0; i < library.dlpi_phnum; i++) {
        const ElfW(Phdr) &header = library.dlpi_phdr[i];
        if (header.p_type != PT_NOTE)
            continue;
        std::span<const std::uint8_t> notes(
            reinterpret_cast<const std::uint8_t *>(library.dlpi_addr + header.p_vaddr), header.p_memsz);
        while (notes.size() >= sizeof(ElfW(Nhdr))) {
            const auto *note = reinterpret_cast<const ElfW(Nhdr) *>(notes.data());
            const std::size_t name = sizeof *note, description = name + ((note->n_namesz + 3U) & ~3U);
            const std::size_t end = description + ((note->n_descsz + 3U) & ~3U);
            if (end > notes.size())
                break;
            if (note->n_type == NT_GNU_BUILD_ID)
                return hex(notes.subspan(description, std::min<std::size_t>(note->n_descsz, 8)));
            notes = notes.subspan(end);
        }
    }
    return {};
}

int look_at(dl_phdr_info *library, [[maybe_unused]] std::size_t size, void *data)
{
    auto &search = *static_cast<Search *>(data);
    const std::string_view path = library->dlpi_name ? library->dlpi_name : "";
    if (!path.substr(path.rfind('/') + 1).starts_with(search.prefix))
        return 0;
    // The loaded name is often a link that only carries the ABI number; the file behind it says more.
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    search.found = error ? std::string(path) : real.filename().string();
    if (const std::string id = build_id(*library); !id.empty())
        search.found += " " + id;
    return 1;
}

} // namespace

GstElement *make_child(GstElement *parent, const char *factory)
{
    GstElement *child = gst_element_factory_make(factory, nullptr);
    if (!child) {
        gst_element_post_message(parent, gst_missing_element_message_new(parent, factory));
        GST_ELEMENT_ERROR(parent, CORE, MISSING_PLUGIN, ("The element \"%s\" is not installed.", factory),
                          (nullptr));
    }
    return child;
}

bool is_installed(const char *factory) { return adopt(gst_element_factory_find(factory)) != nullptr; }

std::string describe(const std::string &factory, std::span<const std::string_view> libraries)
{
    auto found = adopt(gst_element_factory_find(factory.c_str()));
    auto loaded = found ? adopt(gst_plugin_feature_load(GST_PLUGIN_FEATURE(found.get()))) : nullptr;
    if (!loaded)
        return {};
    auto plugin = adopt(gst_plugin_feature_get_plugin(loaded.get()));
    std::string text = factory + " " + (plugin ? gst_plugin_get_version(plugin.get()) : "?");
    for (const std::string_view prefix : libraries) {
        Search search{prefix, {}};
        dl_iterate_phdr(look_at, &search);
        if (!search.found.empty())
            text += " (" + search.found + ")";
    }
    return text;
}

std::string version_of(const char *factory, std::span<const std::string_view> libraries)
{
    const std::string made_by = factory ? describe(factory, libraries) : "";
    return made_by.empty() ? "" : made_by + " butaca " BUTACA_VERSION;
}

std::string text_of(const GValue *value)
{
    const char *text = g_value_get_string(value);
    return text ? text : "";
}

bool set_from_text(GstElement *element, const std::string &property, const std::string &value)
{
    init_debug();
    if (!g_object_class_find_property(G_OBJECT_GET_CLASS(element), property.c_str())) {
        GST_WARNING_OBJECT(element, "this build has no property \"%s\"", property.c_str());
        return false;
    }
    gst_util_set_object_arg(G_OBJECT(element), property.c_str(), value.c_str());
    return true;
}

} // namespace butaca::codec
