// SPDX-License-Identifier: LGPL-2.1-or-later
// Ownership of GLib's C objects: one reference, one owner, released when the owner goes.
// The verb says which transfer happened: adopt() takes a reference that was given to us ("transfer full"),
// share() adds one of our own ("transfer none"), sink() takes a floating one.
#pragma once

#include <memory>

#include <gio/gio.h>

namespace butaca {

// How one reference to a T is given back. GObjects by default; other C types are listed with BUTACA_OWNS.
template <typename T> struct Release {
    void operator()(T *object) const noexcept { g_object_unref(object); }
};

#define BUTACA_OWNS(Type, release)                                                                           \
    template <> struct Release<Type> {                                                                       \
        void operator()(Type *object) const noexcept { release(object); }                                    \
    }

BUTACA_OWNS(char, g_free);
BUTACA_OWNS(GBytes, g_bytes_unref);
BUTACA_OWNS(GError, g_error_free);
BUTACA_OWNS(GKeyFile, g_key_file_unref);
BUTACA_OWNS(GMainContext, g_main_context_unref);
BUTACA_OWNS(GMainLoop, g_main_loop_unref);
BUTACA_OWNS(GSource, g_source_unref);
BUTACA_OWNS(GUri, g_uri_unref);
BUTACA_OWNS(GHashTable, g_hash_table_unref);
BUTACA_OWNS(GOptionContext, g_option_context_free);
BUTACA_OWNS(GDateTime, g_date_time_unref);
BUTACA_OWNS(GMappedFile, g_mapped_file_unref);

template <typename T> using Owned = std::unique_ptr<T, Release<T>>;

// Takes over a reference that the callee gave us.
template <typename T> [[nodiscard]] Owned<T> adopt(T *full) noexcept { return Owned<T>(full); }
// Adds a reference of our own to a GObject that someone else keeps.
template <typename T> [[nodiscard]] Owned<T> share(T *borrowed) noexcept
{
    return Owned<T>(borrowed ? static_cast<T *>(g_object_ref(borrowed)) : nullptr);
}
// Takes over a floating reference (widgets, freshly made GstElements).
template <typename T> [[nodiscard]] Owned<T> sink(T *floating) noexcept
{
    return Owned<T>(floating ? static_cast<T *>(g_object_ref_sink(floating)) : nullptr);
}

// Lets a C out-parameter fill an Owned: `call(…, Out(error))`. The Owned holds it once the call's full
// expression ends.
template <typename T> class Out {
public:
    explicit Out(Owned<T> &target) noexcept : target_(target) {}
    ~Out()
    {
        if (raw_)
            target_.reset(raw_);
    }
    Out(const Out &) = delete;
    Out &operator=(const Out &) = delete;
    operator T **() noexcept { return &raw_; } // NOLINT(google-explicit-constructor): that is its purpose

private:
    Owned<T> &target_;
    T *raw_ = nullptr;
};

} // namespace butaca
