// Whether this is a build with AddressSanitizer, which brings a heap of its own.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define MOTE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOTE_SANITIZED 1
#endif
#endif
#if !defined(MOTE_SANITIZED)
#define MOTE_SANITIZED 0
#endif

namespace mote::testing {

constexpr bool kSanitized = MOTE_SANITIZED != 0;

}  // namespace mote::testing
