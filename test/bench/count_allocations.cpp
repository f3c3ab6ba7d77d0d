// SPDX-License-Identifier: MIT
// Preloaded into a program: writes how often it allocated to the file $COSTRIX_ALLOCATIONS, at
// exit.
#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<unsigned long> allocations{0};

/// The C library's own function of this name.
template <class Function>
Function* next(Function*& known, const char* name) {
    if (!known)
        known = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    return known;
}

struct Report {
    ~Report() {
        const char* file = std::getenv("COSTRIX_ALLOCATIONS");
        if (std::FILE* out = file ? std::fopen(file, "w") : nullptr) {
            std::fprintf(out, "%lu\n", allocations.load());
            std::fclose(out);
        }
    }
} report;

}  // namespace

// operator new and std::allocator end up here too. dlsym() itself may call calloc(), which glibc
// provides for that case only by not being replaced; so calloc is left alone: C++ does not use it.
extern "C" void* malloc(std::size_t size) {
    static void* (*real)(std::size_t) = nullptr;
    allocations.fetch_add(1, std::memory_order_relaxed);
    return next(real, "malloc")(size);
}

extern "C" void* realloc(void* block, std::size_t size) {
    static void* (*real)(void*, std::size_t) = nullptr;
    allocations.fetch_add(1, std::memory_order_relaxed);
    return next(real, "realloc")(block, size);
}

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
    static void* (*real)(std::size_t, std::size_t) = nullptr;
    allocations.fetch_add(1, std::memory_order_relaxed);
    return next(real, "aligned_alloc")(alignment, size);
}
