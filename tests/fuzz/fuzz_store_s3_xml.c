/* S3's answers: any bytes are read or refused; what was read has its rows and fields whole. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/store/store_s3_xml.h"
#include "incant/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct store_s3_xml xml;
	uint64_t value = 0;

	error_clear();
	if (store_s3_xml_read((const char *)bytes, len, "fuzz", &xml) != 0) {
		if (xml.count != 0 || error_get()->class != ERR_STORE)
			abort();
		return 0;
	}
	if (store_s3_xml_name(&xml)[0] == '\0')
		abort();
	for (size_t i = 0; i < xml.count; i++)
		for (size_t k = 0; k < xml.rows[i].count; k++) {
			const struct store_s3_field *field = &xml.rows[i].fields[k];

			if (strlen(field->name) == 0 || store_s3_row_text(&xml.rows[i], field->name) == NULL)
				abort();
			(void)store_s3_row_u64(&xml.rows[i], field->name, &value);
		}
	store_s3_xml_clear(&xml);
	return 0;
}
