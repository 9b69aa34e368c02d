namespace ImageTarTasks.Archives;

/// <summary>What a file that is no tar looks like, so that a message can say more than that.</summary>
internal static class FileSignature
{
    private static readonly (byte[] Magic, string What)[] Known =
    [
        ("PK\x03\x04"u8.ToArray(), "this is a zip file"),
        ("PK\x05\x06"u8.ToArray(), "this is an empty zip file"),
        ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "this is a 7z file"),
        ("Rar!"u8.ToArray(), "this is a rar file"),
        ([0x04, 0x22, 0x4d, 0x18], "this is compressed with lz4"),
        ([0x1f, 0x9d], "this is compressed with compress (.Z)"),
        ("LZIP"u8.ToArray(), "this is compressed with lzip"),
        ([0x5d, 0x00, 0x00], "this is compressed with lzma (.lzma), the predecessor of xz"),
        ("version https://git-lfs"u8.ToArray(), "this is a Git LFS pointer: fetch the file itself with git lfs pull"),
        ("hsqs"u8.ToArray(), "this is a squashfs file system"),
        ("\u007fELF"u8.ToArray(), "this is a program (ELF)"),
        ("MZ"u8.ToArray(), "this is a program (PE)"),
        ("!<arch>\n"u8.ToArray(), "this is an ar archive or a Debian package"),
        ("070701"u8.ToArray(), "this is a cpio archive"),
        ("<!DOCTYPE"u8.ToArray(), "this is an HTML page, perhaps the error page of a download"),
        ("<!doctype"u8.ToArray(), "this is an HTML page, perhaps the error page of a download"),
        ("<html"u8.ToArray(), "this is an HTML page, perhaps the error page of a download"),
        ("<?xml"u8.ToArray(), "this is an XML document"),
        ("{"u8.ToArray(), "this is a JSON document"),
        ("["u8.ToArray(), "this is a JSON document"),
        ([0x1f, 0x8b], "this is compressed twice"),
        ("BZh"u8.ToArray(), "this is compressed twice"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "this is compressed twice"),
        ([0x28, 0xb5, 0x2f, 0xfd], "this is compressed twice"),
    ];

    /// <summary>A clause for a message.</summary>
    public static string Describe(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, what) in Known)
        {
            if (head.StartsWith(magic))
            {
                return what;
            }
        }

        return head.Length < 512 ? "it is shorter than one block of a tar" : "it does not begin with the header of a tar";
    }
}
