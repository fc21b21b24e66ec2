/* Start-up of a Cortex-M: vectors, the FPU where there is one, variables, main. The symbols come
 * from firmware.ld. */
#include <stdint.h>

extern uint32_t data_begin[], data_end[], data_load[], bss_begin[], bss_end[], stack_top[];

int main(void);
void mote_reset(void);
void mote_fault(void);

/* Every exception but reset; a harness may bring its own. */
__attribute__((weak)) void mote_fault(void) {
  for (;;) {
  }
}

#if defined(__ARM_FP)
static void enable_fpu(void) {
  volatile uint32_t* const coprocessor_access = (volatile uint32_t*)UINT32_C(0xE000ED88);
  *coprocessor_access |= UINT32_C(0xF) << 20; /* full access to coprocessors 10 and 11 */
  __asm volatile("dsb\n isb" ::: "memory");
}
#endif

void mote_reset(void) {
#if defined(__ARM_FP)
  enable_fpu();
#endif
  const uint32_t* from = data_load;
  for (uint32_t* to = data_begin; to < data_end;) *to++ = *from++;
  for (uint32_t* to = bss_begin; to < bss_end;) *to++ = 0;
  main();
  for (;;) {
  }
}

struct vectors {
  void* stack;
  void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top,
    {mote_reset, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault,
     mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault, mote_fault},
};
