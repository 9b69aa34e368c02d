namespace ImageTarTasks.InteropTests.Support;

/// <summary>Images a real engine builds from busybox, without network.</summary>
internal static class BuiltImages
{
    /// <summary>
    /// Six layers and five configuration-only steps: files added, overwritten, removed and put back, a directory
    /// replaced, hard links, modes, owners, a device, a fifo; and every field of a configuration that a Dockerfile can
    /// set.
    /// </summary>
    private const string Dockerfile = """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        ENV PATH=/bin GREETING="hello <world> & \"you\""
        RUN mkdir -p /etc /srv/data /tmp && chmod 1777 /tmp && echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd && echo one >/srv/data/one && ln /srv/data/one /srv/data/same && ln -s data/one /srv/link && chown -R 3000000:1234 /srv/data
        RUN echo two >/srv/data/two && echo ONE >/srv/one && rm /srv/data/one && mkfifo /srv/fifo && mknod /srv/null c 1 3 && chmod 4755 /bin/busybox
        COPY words.txt /usr/share/words.txt
        RUN rm -rf /srv/data && mkdir /srv/data && echo back >/srv/data/one && rm /srv/fifo
        LABEL org.example.title="Words" org.example.note="tab\there"
        EXPOSE 80 53/udp
        VOLUME /srv/volume
        WORKDIR /srv
        USER root
        ENTRYPOINT ["/bin/sh", "-c"]
        CMD ["echo $GREETING"]
        """;

    /// <summary>Builds the image; <paramref name="folder"/> becomes the build context.</summary>
    public static void Build(DockerEngine engine, string folder, string name)
    {
        Directory.CreateDirectory(folder);
        File.Copy(BusyBox(), Path.Combine(folder, "busybox"), overwrite: true);
        File.WriteAllText(
            Path.Combine(folder, "words.txt"),
            string.Concat(Enumerable.Range(0, 20000).Select(number => $"word {number}\n"))
        );
        engine.Build(folder, Dockerfile, name);
    }

    private static string BusyBox() => File.Exists("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox";
}
