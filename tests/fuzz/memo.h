/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names that the linker's --wrap gives to key agreements: see memo.c. */
#ifndef EAR_FUZZ_MEMO_H
#define EAR_FUZZ_MEMO_H

#include "port/sodium.h"

bool __wrap_ear_sodium_dh(const uint8_t secret[static EAR_KEY_BYTES],
                          const uint8_t public[static EAR_KEY_BYTES],
                          uint8_t ret_shared[static EAR_KEY_BYTES]);
bool __real_ear_sodium_dh(const uint8_t secret[static EAR_KEY_BYTES],
                          const uint8_t public[static EAR_KEY_BYTES],
                          uint8_t ret_shared[static EAR_KEY_BYTES]);
void __wrap_ear_sodium_public(const uint8_t secret[static EAR_KEY_BYTES],
                              uint8_t ret_public[static EAR_KEY_BYTES]);
void __real_ear_sodium_public(const uint8_t secret[static EAR_KEY_BYTES],
                              uint8_t ret_public[static EAR_KEY_BYTES]);

#endif
