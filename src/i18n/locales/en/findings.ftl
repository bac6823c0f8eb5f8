# What checks of an appeal's writing and requisites find. Each message has a remedy.

finding-subject-missing = The appeal has no subject
    .remedy = Name what it is about in a few words, for example: No heating at 12 Forest Street since 3 November
finding-subject-vague = The subject “{ $given }” does not say what it is about
    .remedy = Name the thing and the place: what does not work, where, since when
finding-subject-too-long = The subject is too long: { $length } characters, at most { $max }
    .remedy = Leave a few words in the subject and move the rest to the text
finding-subject-nul = The subject contains a NUL character
    .remedy = Remove it; it usually comes from a damaged or binary file
finding-text-empty = The text is empty
    .remedy = Describe what happened, when and where, and what you expect
finding-text-too-long = The text is too long: { $length } characters, at most { $max }
    .remedy = Shorten it, or attach the details as a document
finding-text-nul = The text contains a NUL character
    .remedy = Remove it; it usually comes from a damaged or binary file
finding-text-long = The text is very long: { $length } characters
    .remedy = 300–500 characters are read fastest; attach the details as a document
finding-no-fact = The text names no fact, date or time
    .remedy = Say when and where it happened, or give the time in its own field
finding-no-expected = It is not said what you expect
    .remedy = Say what should be done, in the text or in the field for the expected result
finding-no-contact = There is no contact to answer to
    .remedy = Give an e-mail or a phone for this appeal, or add them to your account
finding-emoji = There are emoji ({ $count })
    .remedy = Remove them: an official letter is made of words
finding-shouting = “{ $given }” reads as shouting
    .remedy = Use capitals only where spelling asks for them, and one exclamation mark at most
finding-informal = “{ $given }” does not belong in an official letter
    .remedy = Replace it with a neutral word
finding-abbreviation = Not everybody knows the abbreviation “{ $given }”
    .remedy = Write it out, at least the first time, with the abbreviation in brackets
finding-personal-data-passport = This looks like the number of a passport
    .remedy = Remove it unless the category asks for it: many people read an appeal
finding-personal-data-card = This looks like the number of a bank card
    .remedy = Remove it: no authority needs it
finding-personal-data-snils = This looks like a SNILS number
    .remedy = Remove it unless the category asks for it; your own is taken from your account
finding-personal-data-phone = This looks like somebody’s phone number
    .remedy = Remove it if it is not yours; your own belongs in the contacts
finding-inn-invalid = { $why ->
        [form] “{ $given }” is not an INN: it has 10 digits for an organization, 12 for a person
       *[check-digits] The INN “{ $given }” is mistyped: its check digits do not fit
    }
    .remedy = Copy it from the certificate of registration or from an official register
finding-snils-invalid = { $why ->
        [form] “{ $given }” is not a SNILS: it has 11 digits, such as 123-456-789 01
       *[check-digits] The SNILS “{ $given }” is mistyped: its check digits do not fit
    }
    .remedy = Compare it with the insurance certificate
finding-ogrn-invalid = { $why ->
        [form] “{ $given }” is not an OGRN: it has 13 digits, or 15 for an entrepreneur
       *[check-digits] The OGRN “{ $given }” is mistyped: its check digit does not fit
    }
    .remedy = Copy it from an extract of the register
finding-phone-invalid = “{ $given }” is not a phone number
    .remedy = Write it with the country code, for example +7 900 123-45-67
finding-email-invalid = “{ $given }” is not an e-mail address
    .remedy = Write it in full, for example name@example.org
finding-number-malformed = “{ $given }” is not the number of an appeal
    .remedy = Numbers look like 2026-0123456789-3, drafts like D-0123ABCD
finding-number-mistyped = The number “{ $given }” is mistyped: its check digit does not fit
    .remedy = Compare it with the confirmation: a digit is wrong, or two are swapped
finding-field-required = The category requires a field: { $title } ({ $code })
    .remedy = Add it with --field { $code }=VALUE, or the flag of that name
finding-document-required = The category requires a document: { $title } ({ $code })
    .remedy = Attach it with --document { $code }=FILE
finding-document-unknown = The category has no document { $code }
    .remedy = Attach the file with --attach, or use one of: { $known }
finding-category-missing = No category is chosen
    .remedy = Choose one with --category; 'appeal category list' shows them
finding-category-unknown = There is no category { $given }
    .remedy = List them: appeal category list
finding-field-key = '{$key}' cannot be the name of a field
    .remedy = Names are short and not empty
finding-fields-too-many = {$count} fields are too many; the limit is {$limit}
    .remedy = Leave out what is not needed
finding-occurred-later = The date of the problem is in the future: { $given }
    .remedy = Give the date when it occurred
finding-region-unknown = The region “{ $given }” is not known
    .remedy = Write its name or code: appeal region list
finding-region-ambiguous = “{ $given }” fits several regions: { $regions }
    .remedy = Write the full name or the code
finding-coordinate-form = “{ $given }” is not a number of degrees
    .remedy = Write latitude and longitude in decimal degrees, such as 55.7558
finding-coordinate-range = { $given } is not between -{ $max } and { $max } degrees
    .remedy = Write latitude and longitude in decimal degrees, such as --latitude 55.7558 --longitude 37.6173
finding-coordinate-missing = Latitude and longitude must be given together
    .remedy = Add the missing coordinate or remove the other one
