/* Counts the instructions of emulated firmware exactly: a plugin for QEMU (TCG plugin API version
 * 1, QEMU 7.2). Firmware marks a region by two 16-bit Thumb hints that every Cortex-M executes as
 * NOPs: 0xBF80 begins it, 0xBF90 ends it. Each region prints "region N: M instructions", the
 * markers not counted; an instruction that an IT block skips counts, as it takes its time on
 * hardware too. Built and carried as a resource by the build (cmake/generate.cmake); tested by
 * emulate_test.cc. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The part of qemu-plugin.h that this needs; Debian ships QEMU without the header. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void (*translate_callback)(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void (*execute_callback)(unsigned vcpu, void* user);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translate_callback);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, execute_callback,
                                            enum qemu_plugin_cb_flags, void* user);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn*, enum qemu_plugin_op,
                                                void* counter, uint64_t increment);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn*);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

#define REGION_BEGIN 0xBF80
#define REGION_END 0xBF90

static uint64_t executed, executed_at_begin;
static int region;

static void begin_region(unsigned vcpu, void* user) {
  (void)vcpu, (void)user;
  executed_at_begin = executed;
}

static void end_region(unsigned vcpu, void* user) {
  (void)vcpu, (void)user;
  fprintf(stderr, "region %d: %" PRIu64 " instructions\n", region++, executed - executed_at_begin);
}

/* Each instruction adds to the counter by itself, so that a block left early counts right. */
static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    uint16_t opcode = 0;
    if (qemu_plugin_insn_size(instruction) == sizeof opcode)
      memcpy(&opcode, qemu_plugin_insn_data(instruction), sizeof opcode);
    if (opcode == REGION_BEGIN || opcode == REGION_END)
      qemu_plugin_register_vcpu_insn_exec_cb(instruction,
                                             opcode == REGION_BEGIN ? begin_region : end_region,
                                             QEMU_PLUGIN_CB_NO_REGS, NULL);
    else
      qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &executed,
                                                 1);
  }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info* info, int argc,
                               char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
